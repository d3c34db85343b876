package io.gregor.cli.group;

import io.gregor.cli.client.Cluster;
import io.gregor.cli.client.GroupList;
import io.gregor.cli.command.BrokerCommand;
import io.gregor.cli.command.Console;
import io.gregor.cli.command.ExitStatus;
import io.gregor.cli.command.Spec;
import io.gregor.cli.command.Table;
import picocli.CommandLine.ParseResult;

/** Lists the groups. */
public final class GroupListCommand extends BrokerCommand {
    public GroupListCommand(Console console) {
        super(console);
    }

    @Override
    protected Spec describe() {
        return Spec.of("list", this, "List all groups with their type and state.")
                .example("gregor group list");
    }

    @Override
    protected int run(Cluster cluster, ParseResult args) {
        Table table = new Table("GROUP", "TYPE", "STATE");
        GroupList.of(cluster).forEach(group -> table.row(group.id(), group.type(), group.state()));
        if (!table.isEmpty()) {
            table.print(console.out(), "");
        }
        return ExitStatus.OK;
    }
}
