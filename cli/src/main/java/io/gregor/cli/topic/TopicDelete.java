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
        DeleteTopicsRequest request =
                new DeleteTopicsRequest().timeoutMs(cluster.settings().requestTimeoutMs());
        if (cluster.version(ApiKey.DELETE_TOPICS) >= VERSION_WITH_IDS) {
            request.topics(names.stream()
                    .map(name -> new DeleteTopicsRequest.DeleteTopicState().name(name))
                    .toList());
        } else {
            request.topicNames(names);
        }
        DeleteTopicsResponse response =
                cluster.retrying(() -> cluster.controller(ApiKey.DELETE_TOPICS, request, DeleteTopicsResponse.class));
        Outcomes outcomes = new Outcomes(console);
        for (DeletableTopicResult result : response.responses()) {
            outcomes.add(() -> report(result, args.hasMatchedOption(IF_EXISTS)));
        }
        return outcomes.status();
    }

    private void report(DeletableTopicResult result, boolean ifExists) {
        if (ifExists && result.errorCode() == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code()) {
            console.out().println("there is no topic " + result.name());
            return;
        }
        BrokerException.throwIfError(result.errorCode(), null, "topic " + result.name());
        console.out().println("deleted topic " + result.name());
    }
}
