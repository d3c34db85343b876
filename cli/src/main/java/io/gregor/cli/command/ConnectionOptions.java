package io.gregor.cli.command;

import io.gregor.cli.client.Address;
import io.gregor.cli.client.ClientException;
import io.gregor.cli.client.ClientSettings;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParseResult;

/** The options that say where the brokers are. */
final class ConnectionOptions {
    private static final String SERVERS = "bootstrap.servers";
    private static final String VARIABLE = "GREGOR_BOOTSTRAP_SERVER";
    private static final String DEFAULT = "localhost:9092";
    private static final String SERVER_OPTION = "--bootstrap-server";
    private static final String CONFIG_OPTION = "--command-config";

    private ConnectionOptions() {}

    static Spec addTo(Spec spec) {
        return spec.value(
                        new String[] {"-b", SERVER_OPTION},
                        "HOST:PORT",
                        String.class,
                        "the brokers to ask first, separated by commas; else $" + VARIABLE + ", else " + DEFAULT)
                .value(
                        CONFIG_OPTION,
                        "FILE",
                        "properties of Apache Kafka's clients: bootstrap.servers, security.protocol, client.id, ...");
    }

    /**
     * The settings: the options first, then the file, then the environment.
     *
     * @throws UsageException if one of them says something that is not allowed
     */
    static ClientSettings settings(ParseResult args, Map<String, String> environment) {
        String file = args.matchedOptionValue(CONFIG_OPTION, null);
        Map<String, String> properties = read(file);
        String servers = args.matchedOptionValue(SERVER_OPTION, null);
        if (servers == null) {
            servers = properties.getOrDefault(SERVERS, environment.getOrDefault(VARIABLE, DEFAULT));
        }
        try {
            return ClientSettings.of(Address.parseAll(servers), properties);
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    private static Map<String, String> read(@Nullable String file) {
        if (file == null) {
            return Map.of();
        }
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(Path.of(file))) {
            properties.load(reader);
        } catch (NoSuchFileException | InvalidPathException e) {
            throw new UsageException(CONFIG_OPTION + " " + file + ": there is no such file");
        } catch (IOException | IllegalArgumentException e) {
            throw new ClientException(CONFIG_OPTION + " " + file + ": cannot be read, " + e.getMessage(), e);
        }
        Map<String, String> map = new HashMap<>();
        properties.stringPropertyNames().forEach(name -> map.put(name, properties.getProperty(name)));
        return map;
    }
}
