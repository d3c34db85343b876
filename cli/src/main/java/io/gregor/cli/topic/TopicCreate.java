package io.gregor.cli.topic;

import io.gregor.cli.client.BrokerException;
import io.gregor.cli.client.Cluster;
import io.gregor.cli.command.BrokerCommand;
import io.gregor.cli.command.Console;
import io.gregor.cli.command.Numbers;
import io.gregor.cli.command.Outcomes;
import io.gregor.cli.command.Pairs;
import io.gregor.cli.command.Spec;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.CreateTopicsRequest;
import io.gregor.wire.message.CreateTopicsRequest.CreatableTopic;
import io.gregor.wire.message.CreateTopicsRequest.CreatableTopicConfig;
import io.gregor.wire.message.CreateTopicsResponse;
import io.gregor.wire.message.CreateTopicsResponse.CreatableTopicResult;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.ParseResult;

/** Creates topics. */
public final class TopicCreate extends BrokerCommand {
    private static final String IF_NOT_EXISTS = "--if-not-exists";

    public TopicCreate(Console console) {
        super(console);
    }

    @Override
    protected Spec describe() {
        return Spec.of("create", this, "Create topics.")
                .arguments("NAME", "1..*", "the topics to create")
                .number("--partitions", "N", "else as many as the broker gives a new topic")
                .number("--replication-factor", "N", "else as the broker has it")
                .pairs("--config", "a configuration")
                .flag(IF_NOT_EXISTS, "a topic that exists is no error")
                .example("gregor topic create orders --partitions 3 --config retention.ms=3600000");
    }

    @Override
    protected int run(Cluster cluster, ParseResult args) {
        List<String> names = args.matchedPositionalValue(0, List.of());
        int partitions = Numbers.toInt("--partitions", args.matchedOptionValue("--partitions", -1L));
        long replication = args.matchedOptionValue("--replication-factor", -1L);
        Map<String, String> configs = Pairs.unique(args, "--config");
        List<CreatableTopicConfig> wanted = new ArrayList<>();
        configs.forEach(
                (key, value) -> wanted.add(new CreatableTopicConfig().name(key).value(value)));
        boolean ifNotExists = args.hasMatchedOption(IF_NOT_EXISTS);
        Outcomes outcomes = new Outcomes(console);
        for (String name : names) {
            CreatableTopic topic = new CreatableTopic()
                    .name(name)
                    .numPartitions(partitions)
                    .replicationFactor(Numbers.toShort("--replication-factor", replication))
                    .configs(wanted);
            outcomes.add(() -> console.out().println(create(cluster, topic, ifNotExists)));
        }
        return outcomes.status();
    }

    /** What became of it. */
    private static String create(Cluster cluster, CreatableTopic topic, boolean ifNotExists) {
        CreateTopicsRequest request = new CreateTopicsRequest()
                .topics(List.of(topic))
                .timeoutMs(cluster.settings().requestTimeoutMs());
        return cluster.retrying(() -> {
            CreatableTopicResult result = cluster.controller(ApiKey.CREATE_TOPICS, request, CreateTopicsResponse.class)
                    .topics()
                    .get(0);
            if (ifNotExists && result.errorCode() == ErrorCode.TOPIC_ALREADY_EXISTS.code()) {
                return "topic " + topic.name() + " exists";
            }
            BrokerException.throwIfError(result.errorCode(), result.errorMessage(), "topic " + topic.name());
            String partitioned = result.numPartitions() < 0 ? "" : ", partitions: " + result.numPartitions();
            return "created topic " + topic.name() + partitioned;
        });
    }
}
