package io.gregor.cli.group;

import io.gregor.cli.client.BrokerException;
import io.gregor.cli.client.Cluster;
import io.gregor.cli.client.GroupCoordinator;
import io.gregor.cli.command.BrokerCommand;
import io.gregor.cli.command.Console;
import io.gregor.cli.command.Outcomes;
import io.gregor.cli.command.Spec;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.DeleteGroupsRequest;
import io.gregor.wire.message.DeleteGroupsResponse;
import java.util.List;
import picocli.CommandLine.ParseResult;

/** Deletes groups with what they have committed. */
public final class GroupDelete extends BrokerCommand {
    public GroupDelete(Console console) {
        super(console);
    }

    @Override
    protected Spec describe() {
        return Spec.of("delete", this, "Delete groups, with what they have committed; they must have no members.")
                .arguments("GROUP", "1..*", "the groups")
                .example("gregor group delete billing");
    }

    @Override
    protected int run(Cluster cluster, ParseResult args) {
        List<String> names = args.matchedPositionalValue(0, List.of());
        Outcomes outcomes = new Outcomes(console);
        for (String name : names) {
            outcomes.add(() -> {
                delete(cluster, name);
                console.out().println("deleted group " + name);
            });
        }
        return outcomes.status();
    }

    private static void delete(Cluster cluster, String name) {
        DeleteGroupsRequest request = new DeleteGroupsRequest().groupsNames(List.of(name));
        new GroupCoordinator(cluster, name).retrying(address -> {
            DeleteGroupsResponse response =
                    cluster.at(address, ApiKey.DELETE_GROUPS, request, 0, DeleteGroupsResponse.class);
            response.results().forEach(one -> BrokerException.throwIfError(one.errorCode(), null, "group " + name));
            return response;
        });
    }
}
