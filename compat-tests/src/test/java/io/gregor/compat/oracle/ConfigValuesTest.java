package io.gregor.compat.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.Canonical;
import io.gregor.compat.GregorProcess;
import io.gregor.compat.KafkaProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.coordinator.group.GroupConfig;
import org.apache.kafka.server.config.DynamicBrokerConfig;
import org.apache.kafka.server.metrics.ClientMetricsConfigs;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every configuration, set to every spelling of a value: refused or shown as by Apache Kafka. */
@Tag("once")
class ConfigValuesTest {
    private static final Map<ConfigDef.Type, List<String>> SPELLINGS = Map.of(
            ConfigDef.Type.BOOLEAN,
            List.of("TRUE", " false ", "yes", "1", ""),
            ConfigDef.Type.INT,
            List.of(" 70000 ", "+70000", "070000", "7e4", "70000.0", "-1", "-2", "0", "1", "99999999999", ""),
            ConfigDef.Type.LONG,
            List.of(" 70000 ", "+70000", "070000", "7e4", "-1", "-2", "0", "1", "9223372036854775808", ""),
            ConfigDef.Type.DOUBLE,
            List.of("0.50", ".5", "1", " 5e-1 ", "0.5f", "NaN", "-1", "2", ""),
            ConfigDef.Type.STRING,
            List.of(" x ", "x", "GZIP", " gzip ", "createtime", "CreateTime", "Consumer", "earliest", ""),
            ConfigDef.Type.LIST,
            List.of(
                    "a , b",
                    "delete,delete",
                    " delete ",
                    "compact , delete",
                    "delete,",
                    ",",
                    "",
                    "*",
                    "none",
                    "0:1",
                    "0:1 , 1:1"));

    @TempDir
    Path folder;

    @Test
    void valuesAreTakenAndShownAsByApacheKafka() throws Exception {
        try (KafkaProcess kafka = KafkaProcess.start(folder);
                GregorProcess gregor =
                        GregorProcess.start(folder, "auto.create.topics.enable=false", "log.retention.ms=-1")) {
            Map<String, String> theirs = new Script(kafka.address()).run();
            Map<String, String> ours = new Script(gregor.address()).run();
            assertThat(Canonical.differences(theirs, ours))
                    .as(theirs.size() + " settings")
                    .isEmpty();
            assertThat(theirs.size()).isGreaterThan(500);
        }
    }

    private static final class Script {
        private final Map<String, String> seen = new LinkedHashMap<>();
        private final String address;
        private Admin admin;

        Script(String address) {
            this.address = address;
        }

        Map<String, String> run() throws Exception {
            try (Admin opened = Admin.create(Map.of("bootstrap.servers", address))) {
                admin = opened;
                admin.createTopics(List.of(new NewTopic("t", 1, (short) 1)))
                        .all()
                        .get();
                spell(
                        new ConfigResource(ConfigResource.Type.TOPIC, "t"),
                        LogConfig.configDefCopy(),
                        "file.delete.delay.ms");
                spell(
                        new ConfigResource(ConfigResource.Type.GROUP, "g"),
                        GroupConfig.CONFIG_DEF,
                        "share.session.timeout.ms");
                spell(
                        new ConfigResource(ConfigResource.Type.CLIENT_METRICS, "m"),
                        ClientMetricsConfigs.configDef(),
                        "interval.ms");
                ConfigDef broker = new ConfigDef(kafka.server.KafkaConfig.configDef());
                ConfigDef dynamic = new ConfigDef();
                broker.configKeys().forEach((name, key) -> {
                    if (DynamicBrokerConfig.DynamicLogConfig.RECONFIGURABLE_CONFIGS.contains(name)
                            && !name.equals("cordoned.log.dirs")) {
                        dynamic.define(key);
                    }
                });
                spell(new ConfigResource(ConfigResource.Type.BROKER, "1"), dynamic, "log.flush.interval.messages");
                spell(new ConfigResource(ConfigResource.Type.BROKER, ""), dynamic, "log.flush.interval.messages");
            }
            return seen;
        }

        private void spell(ConfigResource resource, ConfigDef definitions, String marker) throws Exception {
            int round = 0;
            for (ConfigDef.ConfigKey key : definitions.configKeys().values()) {
                for (String spelling : SPELLINGS.getOrDefault(key.type, List.of())) {
                    if (!key.name.equals(marker)) {
                        String what = resource + " " + key.name + "='" + spelling + "'";
                        seen.put(
                                what,
                                set(resource, key.name, spelling, marker, String.valueOf(50_000 + round++ % 1_000)));
                    }
                }
            }
        }

        /** What became of it, and how it is shown, if it was taken. */
        private String set(ConfigResource resource, String name, String value, String marker, String markerValue)
                throws Exception {
            List<AlterConfigOp> set = new ArrayList<>();
            set.add(new AlterConfigOp(new ConfigEntry(name, value), OpType.SET));
            set.add(new AlterConfigOp(new ConfigEntry(marker, markerValue), OpType.SET));
            try {
                admin.incrementalAlterConfigs(Map.of(resource, set)).all().get();
            } catch (ExecutionException e) {
                return String.valueOf(e.getCause());
            }
            Config[] shown = new Config[1];
            Awaitility.await().pollInterval(Duration.ofMillis(5)).until(() -> {
                shown[0] = describe(resource);
                ConfigEntry entry = shown[0].get(marker);
                return entry != null && entry.value().equals(markerValue);
            });
            ConfigEntry entry = shown[0].get(name);
            String deleted = delete(resource, name);
            return entry == null
                    ? "not shown"
                    : "'" + entry.value() + "' " + entry.source() + " "
                            + entry.synonyms().stream()
                                    .map(one -> one.name() + "='" + one.value() + "' " + one.source())
                                    .toList()
                            + deleted;
        }

        /** Nothing, or why it was refused. */
        private String delete(ConfigResource resource, String name) throws InterruptedException {
            List<AlterConfigOp> delete = List.of(new AlterConfigOp(new ConfigEntry(name, ""), OpType.DELETE));
            try {
                admin.incrementalAlterConfigs(Map.of(resource, delete)).all().get();
                return "";
            } catch (ExecutionException e) {
                return " " + e.getCause();
            }
        }

        private Config describe(ConfigResource resource) throws Exception {
            return admin.describeConfigs(List.of(resource), new DescribeConfigsOptions().includeSynonyms(true))
                    .all()
                    .get()
                    .get(resource);
        }
    }
}
