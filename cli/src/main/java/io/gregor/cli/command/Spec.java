package io.gregor.cli.command;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Describes the options and arguments of one command. Confined to one thread. Annotations would do the same, but they
 * cost a start more than all the rest of it.
 */
public final class Spec {
    private final CommandSpec spec;
    private final List<String> footer = new ArrayList<>();

    private Spec(CommandSpec spec) {
        this.spec = spec;
    }

    /** @param command what is run */
    public static Spec of(String name, Object command, String description) {
        CommandSpec spec = CommandSpec.wrapWithoutInspection(command).name(name);
        spec.interpolateVariables(false);
        spec.usageMessage().description(plain(description)).sortOptions(false);
        return new Spec(spec);
    }

    /** Picocli takes texts of a command (not those of options) for formats, where a percent sign means something. */
    private static String plain(String text) {
        return text.replace("%", "%%");
    }

    /** A command line that does something useful, as its help shows it. */
    public Spec example(String line) {
        footer.add("  " + plain(line));
        return this;
    }

    /** Arguments without a name. */
    public Spec arguments(String label, String arity, String description) {
        spec.addPositional(PositionalParamSpec.builder()
                .paramLabel(label)
                .arity(arity)
                .required(!arity.startsWith("0"))
                .index("0..*")
                .type(List.class)
                .auxiliaryTypes(String.class)
                .description(description)
                .build());
        return this;
    }

    /** The only argument without a name. */
    public Spec argument(String label, String description) {
        return single(label, "1", description);
    }

    /** The only argument without a name, which need not be there. */
    public Spec optionalArgument(String label, String description) {
        return single(label, "0..1", description);
    }

    private Spec single(String label, String arity, String description) {
        spec.addPositional(PositionalParamSpec.builder()
                .paramLabel(label)
                .arity(arity)
                .required(!arity.startsWith("0"))
                .index("0")
                .type(String.class)
                .description(description)
                .build());
        return this;
    }

    public Spec flag(String name, String description) {
        spec.addOption(OptionSpec.builder(name)
                .type(boolean.class)
                .description(description)
                .build());
        return this;
    }

    /** An option with a text that the command itself looks at. */
    public Spec value(String name, String label, String description) {
        return value(new String[] {name}, label, String.class, description);
    }

    /** An option with a number. */
    public Spec number(String name, String label, String description) {
        return value(new String[] {name}, label, Long.class, description);
    }

    /** An option with several names. */
    public Spec value(String[] names, String label, Class<?> type, String description) {
        spec.addOption(OptionSpec.builder(names)
                .paramLabel(label)
                .type(type)
                .description(description)
                .build());
        return this;
    }

    /** An option with a text, as often as wanted. */
    public Spec values(String name, String label, String description) {
        spec.addOption(OptionSpec.builder(name)
                .paramLabel(label)
                .type(List.class)
                .auxiliaryTypes(String.class)
                .description(description + "; as often as wanted")
                .build());
        return this;
    }

    /** An option {@code KEY=VALUE}, as often as wanted: {@link Pairs} reads it. */
    public Spec pairs(String name, String description) {
        return values(name, Pairs.LABEL, description);
    }

    /** Finished, with what all commands have. */
    public CommandSpec build() {
        spec.addOption(OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .type(boolean.class)
                .description("shows this")
                .build());
        List<String> lines = new ArrayList<>(List.of("", footer.size() > 1 ? "Examples:" : "Example:"));
        lines.addAll(footer);
        spec.usageMessage()
                .exitCodeListHeading("%nExit status:%n")
                .exitCodeList(ExitStatus.MEANINGS)
                .footer(lines.toArray(new String[0]));
        return spec;
    }
}
