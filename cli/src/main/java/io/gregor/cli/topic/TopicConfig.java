package io.gregor.cli.topic;

import io.gregor.cli.client.Cluster;
import io.gregor.cli.client.TopicConfigs;
import io.gregor.cli.command.BrokerCommand;
import io.gregor.cli.command.Console;
import io.gregor.cli.command.ExitStatus;
import io.gregor.cli.command.Pairs;
import io.gregor.cli.command.Spec;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.ParseResult;

/** Shows or changes the configurations of a topic. */
public final class TopicConfig extends BrokerCommand {
    public TopicConfig(Console console) {
        super(console);
    }

    @Override
    protected Spec describe() {
        return Spec.of("config", this, "Show the configurations of a topic, or change them.")
                .argument("NAME", "the topic")
                .pairs("--set", "gives it a configuration")
                .values("--delete", "KEY", "goes back to the broker's default")
                .flag("--all", "shows the defaults, too")
                .example("gregor topic config orders --set retention.ms=3600000 --delete cleanup.policy")
                .example("gregor topic config orders --all");
    }

    @Override
    protected int run(Cluster cluster, ParseResult args) {
        String name = args.matchedPositionalValue(0, "");
        Map<String, String> set = Pairs.unique(args, "--set");
        List<String> delete = args.matchedOptionValue("--delete", List.of());
        if (!set.isEmpty() || !delete.isEmpty()) {
            TopicConfigs.change(cluster, name, set, delete);
            console.out().println("changed the configuration of topic " + name);
            return ExitStatus.OK;
        }
        for (TopicConfigs.Config config :
                TopicConfigs.of(cluster, List.of(name)).getOrDefault(name, List.of())) {
            if (args.hasMatchedOption("--all") || config.ofTopic()) {
                console.out().println(config.key() + "=" + config.value());
            }
        }
        return ExitStatus.OK;
    }
}
