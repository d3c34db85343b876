package io.gregor.cli.doctor;

import io.gregor.cli.client.Address;
import io.gregor.cli.client.ClientException;
import io.gregor.cli.client.Cluster;
import io.gregor.cli.command.BrokerCommand;
import io.gregor.cli.command.Console;
import io.gregor.cli.command.ExitStatus;
import io.gregor.cli.command.Spec;
import io.gregor.cli.command.UsageException;
import java.util.List;
import picocli.CommandLine.ParseResult;

/** Says why a client cannot connect, or gets nothing. */
public final class DoctorCommand extends BrokerCommand {
    public DoctorCommand(Console console) {
        super(console);
    }

    @Override
    protected Spec describe() {
        return Spec.of("doctor", this, "Find out why a client cannot connect, or a consumer gets nothing.")
                .optionalArgument("HOST:PORT", "what the client connects to; else that of --bootstrap-server")
                .values("--topic", "TOPIC", "why nothing comes out of it")
                .values("--group", "GROUP", "why it gets nothing")
                .example("gregor doctor broker.example.com:9092")
                .example("gregor doctor --topic orders --group billing");
    }

    @Override
    protected int run(Cluster given, ParseResult args) {
        String text = args.matchedPositionalValue(0, null);
        List<Address> addresses = text == null ? given.settings().bootstrap() : parse(text);
        Report report = new Report(console.out());
        Outside outside = new Outside(report, given.settings(), given.time());
        for (Address address : addresses) {
            if (outside.examine(address)) {
                inside(address, given, report, args);
            }
        }
        if (report.summary().isEmpty()) {
            return ExitStatus.OK;
        }
        throw new ClientException(report.summary());
    }

    private static void inside(Address address, Cluster given, Report report, ParseResult args) {
        List<String> topics = args.matchedOptionValue("--topic", List.of());
        List<String> groups = args.matchedOptionValue("--group", List.of());
        try (Cluster cluster = new Cluster(given.settings().forLookingAt(address), given.time())) {
            topics.forEach(topic ->
                    attempt("topic " + topic, report, () -> new TopicExamination(report, cluster).examine(topic)));
            groups.forEach(group ->
                    attempt("group " + group, report, () -> new GroupExamination(report, cluster).examine(group)));
        }
    }

    /** What one question is answered with says nothing of the next one. */
    private static void attempt(String what, Report report, Runnable examination) {
        try {
            examination.run();
        } catch (ClientException e) {
            report.unknown(what, String.valueOf(e.getMessage()));
        }
    }

    private static List<Address> parse(String text) {
        try {
            return Address.parseAll(text);
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }
}
