package io.gregor.cli.produce;

import io.gregor.cli.client.ClientException;
import io.gregor.cli.client.Cluster;
import io.gregor.cli.client.Time;
import io.gregor.cli.command.BrokerCommand;
import io.gregor.cli.command.Console;
import io.gregor.cli.command.ExitStatus;
import io.gregor.cli.command.Numbers;
import io.gregor.cli.command.Pairs;
import io.gregor.cli.command.Spec;
import io.gregor.cli.command.UsageException;
import io.gregor.cli.text.Bytes;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParseResult;

/** Writes each line that it reads as a record. */
public final class ProduceCommand extends BrokerCommand {
    private static final String SEPARATOR = "--key-separator";

    public ProduceCommand(Console console) {
        super(console);
    }

    @Override
    protected Spec describe() {
        return Spec.of("produce", this, "Write each line of the input, or of a file, as a record.")
                .argument("TOPIC", "is created if the brokers create topics by their use")
                .value("--file", "FILE", "reads this file in place of the input")
                .value(SEPARATOR, "TEXT", "a line is a key, this, and a value")
                .flag(
                        "--json",
                        "a line is an object with key, value, headers, partition, timestamp, as consume --json"
                                + " prints it; only the value must be there, and may be any JSON")
                .value("--key", "TEXT", "the key of each record that has none")
                .value("--null-marker", "TEXT", "a key or value like this is null")
                .pairs("--header", "a header of each record")
                .number("--partition", "N", "else the one that the key belongs to, or any")
                .value("--acks", "all|1|0", "who must have a record before it counts as written; else all")
                .value("--compression", "CODEC", "none, gzip, snappy, lz4 or zstd; else none")
                .number("--rate", "N", "so many records a second at most")
                .example("echo 'hello' | gregor produce greetings")
                .example("gregor produce orders --file orders.txt --key-separator : --rate 100");
    }

    @Override
    protected int run(Cluster cluster, ParseResult args) {
        String topic = args.matchedPositionalValue(0, "");
        LineFormat format = format(args);
        short acks = acks(args.matchedOptionValue("--acks", "all"));
        Compression compression = compression(args.matchedOptionValue("--compression", "none"));
        long rate = args.matchedOptionValue("--rate", 0L);
        if (args.hasMatchedOption("--rate") && rate < 1) {
            throw new UsageException("--rate=" + rate + ": allowed is a number from 1 on");
        }
        String file = args.matchedOptionValue("--file", null);
        try (InputStream in = open(file)) {
            Producer producer = new Producer(cluster, topic, acks, compression, console.random());
            try {
                copy(new Lines(in, producer::flush), format, producer, new Pace(cluster.time(), rate));
            } finally {
                console.out()
                        .println(producer.written() + " records " + (acks == 0 ? "sent" : "written") + " to " + topic);
            }
            return ExitStatus.OK;
        } catch (IOException e) {
            throw new ClientException((file == null ? "the input" : file) + ": " + e.getMessage(), e);
        }
    }

    /** What was read before something fails is written. */
    private static void copy(Lines lines, LineFormat format, Producer producer, Pace pace) throws IOException {
        try {
            while (lines.next()) {
                Outgoing record = format.parse(lines.line(), lines.length());
                if (pace.aheadMs() > 0) {
                    producer.flush();
                    pace.keep();
                }
                producer.add(record, lines.number());
                pace.count();
            }
        } catch (IllegalArgumentException e) {
            producer.flush();
            throw new ClientException("line " + lines.number() + ": " + e.getMessage(), e);
        } catch (IOException e) {
            producer.flush();
            throw e;
        }
        producer.flush();
    }

    private static LineFormat format(ParseResult args) {
        List<Record.Header> headers = new ArrayList<>();
        Pairs.of(args, "--header")
                .forEach(pair -> headers.add(new Record.Header(pair.getKey(), Bytes.of(pair.getValue()))));
        String separator = args.matchedOptionValue(SEPARATOR, null);
        boolean json = args.hasMatchedOption("--json");
        if (json && separator != null) {
            throw new UsageException(SEPARATOR + ": is not for lines of JSON");
        }
        if (separator != null && separator.isEmpty()) {
            throw new UsageException(SEPARATOR + ": allowed is at least one character");
        }
        long partition = args.matchedOptionValue("--partition", -1L);
        if (args.hasMatchedOption("--partition") && partition < 0) {
            throw new UsageException("--partition=" + partition + ": allowed is a number from 0 on");
        }
        return new LineFormat(
                separator,
                json,
                args.matchedOptionValue("--key", null),
                args.matchedOptionValue("--null-marker", null),
                headers,
                Numbers.toInt("--partition", partition));
    }

    private static short acks(String text) {
        return switch (text) {
            case "all", "-1" -> -1;
            case "0" -> 0;
            case "1" -> 1;
            default -> throw new UsageException("--acks=" + text + ": allowed is all, 1 or 0");
        };
    }

    private static Compression compression(String text) {
        for (Compression one : Compression.values()) {
            if (one.configName().equals(text)) {
                return one;
            }
        }
        throw new UsageException("--compression=" + text + ": allowed is none, gzip, snappy, lz4 or zstd");
    }

    private InputStream open(@Nullable String file) throws IOException {
        if (file == null) {
            return console.in();
        }
        try {
            return Files.newInputStream(Path.of(file));
        } catch (NoSuchFileException | InvalidPathException e) {
            throw new UsageException("--file " + file + ": there is no such file");
        }
    }

    /** Holds records to a rate. */
    private static final class Pace {
        private final Time time;
        private final long rate;
        private final long startMs;
        private long count;

        /** @param rate records a second, 0 for any */
        Pace(Time time, long rate) {
            this.time = time;
            this.rate = rate;
            startMs = time.nowMs();
        }

        /** How long it is too early for the next record. */
        long aheadMs() {
            return rate == 0 ? 0 : Math.max(0, startMs + count * 1000 / rate - time.nowMs());
        }

        void keep() {
            time.pause(aheadMs());
        }

        void count() {
            count++;
        }
    }
}
