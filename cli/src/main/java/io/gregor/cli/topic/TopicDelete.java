package io.gregor.cli.topic;

import io.gregor.cli.client.BrokerException;
import io.gregor.cli.client.Cluster;
import io.gregor.cli.command.BrokerCommand;
import io.gregor.cli.command.Console;
import io.gregor.cli.command.Outcomes;
import io.gregor.cli.command.Spec;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.DeleteTopicsRequest;
import io.gregor.wire.message.DeleteTopicsResponse;
import io.gregor.wire.message.DeleteTopicsResponse.DeletableTopicResult;
import io.gregor.wire.message.ErrorCode;
import java.util.List;
import picocli.CommandLine.ParseResult;

/** Deletes topics with all that is in them. */
public final class TopicDelete extends BrokerCommand {
    private static final int VERSION_WITH_IDS = 6;

    private static final String IF_EXISTS = "--if-exists";

    public TopicDelete(Console console) {
        super(console);
    }

    @Override
    protected Spec describe() {
        return Spec.of("delete", this, "Delete topics, with all records in them.")
                .arguments("NAME", "1..*", "the topics to delete")
                .flag(IF_EXISTS, "a topic that does not exist is no error")
                .example("gregor topic delete orders payments");
    }

    @Override
    protected int run(Cluster cluster, ParseResult args) {
        List<String> names = args.matchedPositionalValue(0, List.of());
        boolean ifExists = args.hasMatchedOption(IF_EXISTS);
        Outcomes outcomes = new Outcomes(console);
        for (String name : names) {
            outcomes.add(() -> console.out().println(delete(cluster, name, ifExists)));
        }
        return outcomes.status();
    }

    /** What became of it. */
    private static String delete(Cluster cluster, String name, boolean ifExists) {
        DeleteTopicsRequest request =
                new DeleteTopicsRequest().timeoutMs(cluster.settings().requestTimeoutMs());
        if (cluster.version(ApiKey.DELETE_TOPICS) >= VERSION_WITH_IDS) {
            request.topics(List.of(new DeleteTopicsRequest.DeleteTopicState().name(name)));
        } else {
            request.topicNames(List.of(name));
        }
        return cluster.retrying(() -> {
            DeletableTopicResult result = cluster.controller(ApiKey.DELETE_TOPICS, request, DeleteTopicsResponse.class)
                    .responses()
                    .get(0);
            if (ifExists && result.errorCode() == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code()) {
                return "there is no topic " + name;
            }
            BrokerException.throwIfError(result.errorCode(), null, "topic " + name);
            return "deleted topic " + name;
        });
    }
}
