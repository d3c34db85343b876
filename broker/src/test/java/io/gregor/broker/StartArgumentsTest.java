package io.gregor.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.config.InvalidConfigException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StartArgumentsTest {
    @Test
    void theCommandLineComesOverTheFile(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("server.properties"), "num.partitions=3\nlog.dirs = x\n");
        assertThat(StartArguments.parse(
                                List.of(file.toString(), "--override", "num.partitions=4", "--override=node.id=7"))
                        .settings())
                .containsOnly(entry("num.partitions", "4"), entry("log.dirs", "x"), entry("node.id", "7"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--dev FILE --override A", "FILE --dev --override A", "FILE --override A --dev"})
    void whatIsGivenComesOverTheProfileForDevelopment(String line, @TempDir Path folder) throws IOException {
        Path file = Files.writeString(
                folder.resolve("server.properties"), "offsets.topic.num.partitions=7\nnum.partitions=2\n");
        String words = line.replace("FILE", file.toString()).replace("A", "auto.create.topics.enable=false");
        StartArguments arguments = StartArguments.parse(List.of(words.split(" ")));
        assertThat(arguments.settings())
                .containsEntry("group.initial.rebalance.delay.ms", "0")
                .containsEntry("transaction.state.log.num.partitions", "3")
                .containsEntry("offsets.topic.num.partitions", "7")
                .containsEntry("auto.create.topics.enable", "false")
                .containsEntry("num.partitions", "2");
        assertThat(DevProfile.KEYS.describe(arguments.given()))
                .isEqualTo("group.initial.rebalance.delay.ms=0, transaction.state.log.num.partitions=3,"
                        + " log.segment.delete.delay.ms=1000; yours: offsets.topic.num.partitions=7,"
                        + " auto.create.topics.enable=false");
    }

    @Test
    void theProfileForDevelopmentHasKeysOfTheBroker() {
        BrokerConfig config = BrokerConfig.of(DevProfile.KEYS.under(Map.of()));
        assertThat(config.ignoredKeys()).isEmpty();
        assertThat(config.unknown()).isEmpty();
    }

    @Test
    void aFileIsReadInTheEncodingOfProperties(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("server.properties");
        Files.write(file, "log.dirs=/tmp/k\u00e4fer\nbroker.rack=\\u00e4\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(StartArguments.parse(List.of(file.toString())).settings())
                .containsEntry("log.dirs", "/tmp/k\u00e4fer")
                .containsEntry("broker.rack", "\u00e4");
    }

    @Test
    void aFileThatIsNoneIsNamed(@TempDir Path folder) throws IOException {
        Path broken = Files.writeString(folder.resolve("broken"), "a=\\u12");
        assertThatThrownBy(() -> StartArguments.parse(List.of(folder.toString())))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessage(folder + ": is a directory, allowed is a file of settings");
        assertThatThrownBy(() ->
                        StartArguments.parse(List.of(folder.resolve("none").toString())))
                .hasMessage(folder.resolve("none") + ": there is no such file that can be read");
        assertThatThrownBy(() -> StartArguments.parse(List.of(broken.toString())))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageStartingWith(broken + ": cannot be read as properties, ");
    }

    /** What is wrong, and what is allowed, in one line. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --override              | --override: key=value is missing
            --override foo          | --override foo: allowed is key=value
            --override =foo         | --override =foo: allowed is key=value
            --override=foo          | --override foo: allowed is key=value
            --port 9093             | --port: there is no such option, USAGE; GIVEN port=value
            --num.partitions=3      | --num.partitions=3: there is no such option, USAGE; GIVEN num.partitions=3
            -daemon server.properties | -daemon: FOREGROUND
            --override a=b c=d      | c=d: allowed is --override c=d
            --override a=b more     | more: the file comes first; USAGE
            --secure=foo            | --secure=foo: KINDS
            --secure=               | --secure=: KINDS
            --secure=SCRAM          | --secure=SCRAM: KINDS
            --secure scram          | scram: there is no such file that can be read
            --secured               | --secured: there is no such option, USAGE; GIVEN secured=value
            """)
    void aWrongArgumentIsNamed(String arguments, String message) {
        assertThatThrownBy(() -> StartArguments.parse(List.of(arguments.split(" "))))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessage(message.replace(
                                "USAGE",
                                "allowed is [--dev] [--secure[=plain|scram|mtls]] [--seed file.yaml]..."
                                        + " [server.properties] [--override key=value]...")
                        .replace(
                                "KINDS", "allowed is --secure, or one of --secure=plain, --secure=scram, --secure=mtls")
                        .replace("GIVEN", "a setting is given as --override")
                        .replace(
                                "FOREGROUND",
                                "Gregor stays in the foreground;"
                                        + " leave it to a service manager, or end the line with &"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            num.partitions=abc | a whole number from 1 on
            num.partitions=0 | a whole number from 1 on
            log.retention.hours=1h | a whole number of hours up to 2147483647
            log.retention.ms=7d | a whole number of milliseconds
            log.segment.bytes=1 GB | a whole number of bytes from 1048576 on
            log.cleaner.min.cleanable.ratio=2 | a number from 0 to 1
            log.dirs= | one or more, separated by commas
            auto.create.topics.enable=yes | true or false
            compression.type=brotli | uncompressed, zstd, lz4, snappy, gzip or producer
            compression.gzip.level=10 | a whole number from 1 to 9 or -1
            log.cleanup.policy=shrink | a list of compact or delete, separated by commas
            log.message.timestamp.type=Now | CreateTime or LogAppendTime
            process.roles=leader | a list of broker or controller, separated by commas
            sasl.oauthbearer.assertion.algorithm=x | ES256 or RS256, in upper or lower case
            group.initial.rebalance.delay.ms=3s | a whole number of milliseconds up to 2147483647
            offsets.retention.minutes=0 | a whole number of minutes from 1 on
            message.max.bytes=-1 | a whole number of bytes from 0 on
            fetch.max.bytes=512 | a whole number of bytes from 1024 on
            node.id=one | a whole number from 0 on
            socket.request.max.bytes=0 | a whole number of bytes from 1 on
            transaction.max.timeout.ms=0 | a whole number of milliseconds from 1 on
            listeners=localhost:9092 | ADDRESSES
            listeners=PLAINTEXT://localhost | ADDRESSES
            listeners=PLAINTEXT://localhost:99999 | ADDRESSES
            gregor.metrics.listener=localhost:1 | ADDRESSES
            gregor.log.format=JSON5 | text or json
            """)
    void aWrongValueIsSaidToBeSoInWords(String setting, String allowed) {
        String key = setting.substring(0, setting.indexOf('='));
        String value = setting.substring(setting.indexOf('=') + 1);
        String addresses = "a list of NAME://host:port, separated by commas, such as PLAINTEXT://localhost:9092";
        assertThatThrownBy(() -> {
                    BrokerConfig config = BrokerConfig.of(
                            StartArguments.parse(List.of("--override", setting)).settings());
                    config.metricsListener();
                    config.logsJson();
                })
                .isInstanceOf(InvalidConfigException.class)
                .hasMessage(key + "=" + value + ": allowed is " + allowed.replace("ADDRESSES", addresses));
    }
}
