package io.gregor.cli;

import io.gregor.cli.command.Command;
import io.gregor.cli.command.Console;
import io.gregor.cli.command.Subcommands;
import io.gregor.cli.consume.ConsumeCommand;
import io.gregor.cli.doctor.DoctorCommand;
import io.gregor.cli.doctor.StatusCommand;
import io.gregor.cli.group.GroupDelete;
import io.gregor.cli.group.GroupDescribe;
import io.gregor.cli.group.GroupListCommand;
import io.gregor.cli.group.GroupReset;
import io.gregor.cli.produce.ProduceCommand;
import io.gregor.cli.topic.TopicConfig;
import io.gregor.cli.topic.TopicCreate;
import io.gregor.cli.topic.TopicDelete;
import io.gregor.cli.topic.TopicDescribe;
import io.gregor.cli.topic.TopicList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/**
 * Builds the tree of commands: all of it, or no more than one run needs, since each command costs a start something.
 * Confined to the main thread.
 */
final class Commands {
    private static final List<String> PATHS = List.of(
            "topic create",
            "topic list",
            "topic describe",
            "topic delete",
            "topic config",
            "produce",
            "consume",
            "group list",
            "group describe",
            "group reset",
            "group delete",
            "status",
            "doctor",
            "completion");

    private final Console console;

    Commands(Console console) {
        this.console = console;
    }

    /** The tree with those commands only that these arguments may be about. */
    CommandLine lineFor(String... args) {
        String first = args.length > 0 ? args[0] : "";
        String both = args.length > 1 ? first + " " + args[1] : first;
        for (String path : PATHS) {
            if (path.equals(both) || path.equals(first)) {
                return line(List.of(path));
            }
        }
        return line(PATHS);
    }

    /** The whole tree. */
    CommandLine all() {
        return line(PATHS);
    }

    private CommandLine line(List<String> paths) {
        CommandLine root = new CommandLine(
                new Subcommands("gregor", "Commands for Gregor and any other Kafka.", "gregor topic list").spec());
        Map<String, CommandLine> parents = new HashMap<>();
        for (String path : paths) {
            int space = path.indexOf(' ');
            CommandLine parent = root;
            if (space > 0) {
                parent = parents.computeIfAbsent(path.substring(0, space), name -> {
                    CommandLine line = new CommandLine(parent(name).spec());
                    root.addSubcommand(name, line);
                    return line;
                });
            }
            parent.addSubcommand(
                    path.substring(space + 1), new CommandLine(command(path).spec()));
        }
        // A value that begins with @ is that value, and not the name of a file with arguments.
        return root.setExpandAtFiles(false);
    }

    private static Command parent(String name) {
        return switch (name) {
            case "topic" ->
                new Subcommands(
                        name, "Create, list, describe, delete and configure topics.", "gregor topic create orders");
            case "group" ->
                new Subcommands(
                        name, "List, describe, reset and delete groups of consumers.", "gregor group describe billing");
            default -> throw new IllegalArgumentException(name);
        };
    }

    private Command command(String path) {
        return switch (path) {
            case "topic create" -> new TopicCreate(console);
            case "topic list" -> new TopicList(console);
            case "topic describe" -> new TopicDescribe(console);
            case "topic delete" -> new TopicDelete(console);
            case "topic config" -> new TopicConfig(console);
            case "produce" -> new ProduceCommand(console);
            case "consume" -> new ConsumeCommand(console);
            case "group list" -> new GroupListCommand(console);
            case "group describe" -> new GroupDescribe(console);
            case "group reset" -> new GroupReset(console);
            case "group delete" -> new GroupDelete(console);
            case "status" -> new StatusCommand(console);
            case "doctor" -> new DoctorCommand(console);
            case "completion" -> new CompletionCommand(console);
            default -> throw new IllegalArgumentException(path);
        };
    }
}
