import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.component.kafka.consumer.DefaultKafkaManualCommitFactory;
import org.apache.camel.component.kafka.consumer.KafkaManualCommit;
import org.apache.camel.impl.DefaultCamelContext;

/** A route between two topics with several consumers, and one that commits itself. */
public final class Main {
    private static final String BROKERS = "?brokers=" + Scenarios.BOOTSTRAP;

    public static void main(String[] arguments) throws Exception {
        Scenarios.topic("camel-in", 4);
        Scenarios.topic("camel-out", 1);
        Scenarios.topic("camel-committed", 1);
        Set<String> committed = ConcurrentHashMap.newKeySet();
        Scenarios scenarios = new Scenarios("Apache Camel");
        try (var context = new DefaultCamelContext()) {
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("kafka:camel-in" + BROKERS + "&groupId=camel&autoOffsetReset=earliest&consumersCount=2")
                            .transform(simple("${body} passed on"))
                            .to("kafka:camel-out" + BROKERS + "&additionalProperties.enable.idempotence=true");
                    from("kafka:camel-committed" + BROKERS
                                    + "&groupId=camel-committed&autoOffsetReset=earliest&autoCommitEnable=false&allowManualCommit=true"
                                    + "&kafkaManualCommitFactory=#class:" + DefaultKafkaManualCommitFactory.class.getName())
                            .process(exchange -> {
                                committed.add(exchange.getMessage().getBody(String.class));
                                exchange.getMessage().getHeader(KafkaConstants.MANUAL_COMMIT, KafkaManualCommit.class).commit();
                            });
                }
            });
            context.start();
            scenarios
                    .play("a route from topic to topic", () -> {
                        List<String> sent = IntStream.range(0, 300).mapToObj(Integer::toString).toList();
                        try (ProducerTemplate template = context.createProducerTemplate()) {
                            sent.forEach(value -> template.sendBodyAndHeader("kafka:camel-in" + BROKERS, value, KafkaConstants.KEY, value));
                        }
                        Set<String> expected = ConcurrentHashMap.newKeySet();
                        sent.forEach(value -> expected.add(value + " passed on"));
                        List<String> read = Scenarios.values("camel-out", 300);
                        Scenarios.check(read.size() == 300 && expected.containsAll(read), read.size() + " records");
                    })
                    .play("a route that commits itself", () -> {
                        Scenarios.produce("camel-committed", List.of("a", "b", "c"));
                        Scenarios.await(() -> committed.size() == 3, "not all were read");
                        Scenarios.await(() -> Scenarios.committed("camel-committed", "camel-committed") == 3, "not all is committed");
                    });
        }
        scenarios.end();
    }
}
