package io.gregor.broker.logging;

import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.NOPMDCAdapter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * The SLF4J backend of a broker that runs by itself. The launcher names it ({@code slf4j.provider}); it is not
 * registered as a service, so that a broker inside another program logs to that program's backend. Thread-safe.
 *
 * <p>It exists for the start: the usual backends load the locale's date formats first, which takes longer than opening
 * the logs does.
 */
public final class ConsoleLogging implements SLF4JServiceProvider {
    private final IMarkerFactory markers = new BasicMarkerFactory();
    private final MDCAdapter context = new NOPMDCAdapter();

    /** From now on each line is a JSON object; where another backend writes the log nothing changes. */
    public static void writeJson() {
        ConsoleLogger.writeJson();
    }

    @Override
    public ILoggerFactory getLoggerFactory() {
        return LogLevels::logger;
    }

    @Override
    public IMarkerFactory getMarkerFactory() {
        return markers;
    }

    @Override
    public MDCAdapter getMDCAdapter() {
        return context;
    }

    @Override
    public String getRequestedApiVersion() {
        return "2.0.99";
    }

    @Override
    public void initialize() {
        // Nothing to prepare.
    }
}
