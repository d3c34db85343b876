@echo off
rem Starts the broker, or runs a command for one, on Windows. It has not been tried there yet: tell us how it went.
rem Unlike bin/gregor it prepares no cache for the JVM, so that a start takes longer.
setlocal EnableExtensions DisableDelayedExpansion
for %%i in ("%~dp0..") do set "GREGOR_DIR=%%~fi"

set "JAVA_EXE=java.exe"
if defined JAVA_HOME set "JAVA_EXE=%JAVA_HOME%\bin\java.exe"
if defined GREGOR_JAVA_HOME set "JAVA_EXE=%GREGOR_JAVA_HOME%\bin\java.exe"
set "OPTIONS=-XX:+UseSerialGC -XX:-UsePerfData -Xss512k -Dfile.encoding=UTF-8 -XX:+IgnoreUnrecognizedVMOptions"

if "%~1"=="" goto usage
if "%~1"=="--help" goto usage
if "%~1"=="help" goto usage
if "%~1"=="start" goto start
for %%c in (topic produce consume group status doctor completion) do if "%~1"=="%%c" goto command
for %%j in ("%GREGOR_DIR%\lib\broker\gregor-broker-*.jar") do set "JAR_NAME=%%~nj"
for %%c in (version --version) do if "%~1"=="%%c" goto version
echo gregor: %~1: there is no such command, see gregor --help 1>&2
exit /b 2

:start
set "ARGUMENTS="
set "MEMORY=-Xmx128m -XX:MaxDirectMemorySize=256m"
:shifted
shift
if "%~1"=="" goto broker
if "%~1"=="--dev" set "MEMORY=-Xmx64m -XX:MaxDirectMemorySize=128m"
set ARGUMENTS=%ARGUMENTS% %1
goto shifted

:broker
"%JAVA_EXE%" %OPTIONS% %MEMORY% -XX:+ExitOnOutOfMemoryError ^
  -Dslf4j.provider=io.gregor.broker.logging.ConsoleLogging -Dslf4j.internal.verbosity=WARN ^
  -Dio.netty.allocator.numDirectArenas=2 -Dio.netty.allocator.maxOrder=7 %GREGOR_OPTS% ^
  -cp "%GREGOR_DIR%\lib\broker\*;%GREGOR_DIR%\lib\*" io.gregor.broker.Main %ARGUMENTS%
exit /b %ERRORLEVEL%

:command
"%JAVA_EXE%" %OPTIONS% -Xmx256m -XX:TieredStopAtLevel=1 %GREGOR_CLI_OPTS% ^
  -cp "%GREGOR_DIR%\lib\cli\*;%GREGOR_DIR%\lib\*" io.gregor.cli.Main %*
exit /b %ERRORLEVEL%

:version
echo gregor %JAR_NAME:gregor-broker-=%
exit /b 0

:usage
echo gregor: a broker that Apache Kafka's clients and tools use unchanged
echo.
echo   gregor start [--dev] [--secure] [--seed file.yaml]... [server.properties] [--override key=value]...
echo   gregor topic, produce, consume, group, status, doctor, completion: each has --help
echo   gregor --help ^| --version
exit /b 0
