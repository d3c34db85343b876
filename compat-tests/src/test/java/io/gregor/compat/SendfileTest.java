package io.gregor.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Watches the broker's system calls: records go from file to socket by sendfile, and by nothing else. */
class SendfileTest {
    private static final Pattern CALL =
            Pattern.compile("(?:\\b([a-z0-9]+)\\(.*\\)|<\\.\\.\\. ([a-z0-9]+) resumed>.*)\\s+= (\\d+)$");
    private static final int RECORDS = 20_000;
    private static final int RECORD_BYTES = 500;

    @Test
    void fetchedRecordsNeverPassThroughUserSpace(@TempDir Path folder) throws Exception {
        Path trace = folder.resolve("trace");
        Tool watcher = Tool.installed(
                "strace",
                "-f",
                "-o",
                trace,
                "-e",
                "trace=sendfile,read,pread64,readv,write,writev,sendto,sendmsg",
                "-p");
        try (GregorProcess broker = GregorProcess.start(folder)) {
            Tool.kafka(
                            "org.apache.kafka.tools.ProducerPerformance",
                            "--topic",
                            "sent",
                            "--num-records",
                            RECORDS,
                            "--record-size",
                            RECORD_BYTES,
                            "--throughput",
                            -1,
                            "--producer-props",
                            "bootstrap.servers=" + broker.address())
                    .run()
                    .assertOk();
            Process strace = watch(watcher, broker.pid());
            Awaitility.await().until(() -> Files.exists(trace));
            Tool.kafka(
                            "org.apache.kafka.tools.ConsumerPerformance",
                            "--bootstrap-server",
                            broker.address(),
                            "--topic",
                            "sent",
                            "--messages",
                            RECORDS)
                    .run()
                    .assertOk();
            strace.destroy();
            strace.waitFor(2, TimeUnit.MINUTES);
        }
        long sentByKernel = 0;
        long copied = 0;
        for (String line : Files.readAllLines(trace)) {
            Matcher call = CALL.matcher(line);
            if (call.find()) {
                long bytes = Long.parseLong(call.group(3));
                String name = call.group(1) == null ? call.group(2) : call.group(1);
                if (name.equals("sendfile")) {
                    sentByKernel += bytes;
                } else {
                    copied += bytes;
                }
            }
        }
        long records = (long) RECORDS * RECORD_BYTES;
        assertThat(sentByKernel).isGreaterThanOrEqualTo(records);
        assertThat(copied).as("bytes read or written in any other way").isLessThan(records / 20);
    }

    private static Process watch(Tool strace, long pid) throws Exception {
        List<String> command = new ArrayList<>(strace.command());
        command.add(String.valueOf(pid));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        Awaitility.await()
                .until(() ->
                        Files.readString(Path.of("/proc/" + pid + "/status")).contains("TracerPid:\t" + process.pid()));
        return process;
    }
}
