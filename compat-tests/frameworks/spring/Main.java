import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.kafka.annotation.BackOff;
import org.springframework.kafka.annotation.DltHandler;
import org.springframework.kafka.annotation.EnableKafka;
import org.springframework.kafka.annotation.EnableKafkaRetryTopic;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.annotation.RetryableTopic;
import org.springframework.kafka.config.ConcurrentKafkaListenerContainerFactory;
import org.springframework.kafka.config.TopicBuilder;
import org.springframework.kafka.core.ConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.KafkaAdmin;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.core.ProducerFactory;
import org.springframework.kafka.listener.ConcurrentMessageListenerContainer;
import org.springframework.kafka.listener.DeadLetterPublishingRecoverer;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.kafka.requestreply.ReplyingKafkaTemplate;
import org.springframework.messaging.handler.annotation.SendTo;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import org.springframework.util.backoff.FixedBackOff;

/** Listeners in groups, dead letters, retry topics, request and reply, transactions. */
public final class Main {
    static final Set<String> HEARD = ConcurrentHashMap.newKeySet();
    static final Set<String> DEAD = ConcurrentHashMap.newKeySet();
    static final AtomicInteger TRIES = new AtomicInteger();

    @Configuration
    @EnableKafka
    @EnableKafkaRetryTopic
    static class Application {
        private static final Map<String, Object> CONSUMER = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, Scenarios.BOOTSTRAP,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest",
                ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, StringDeserializer.class,
                ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, StringDeserializer.class);
        static final Map<String, Object> PRODUCER = Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, Scenarios.BOOTSTRAP,
                ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, StringSerializer.class,
                ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, StringSerializer.class);

        @Bean
        KafkaAdmin admin() {
            return new KafkaAdmin(Map.of("bootstrap.servers", Scenarios.BOOTSTRAP));
        }

        @Bean
        KafkaAdmin.NewTopics topics() {
            NewTopic heard = TopicBuilder.name("spring-heard").partitions(4).config("retention.ms", "60000").build();
            return new KafkaAdmin.NewTopics(
                    heard,
                    TopicBuilder.name("spring-poison").build(),
                    TopicBuilder.name("spring-poison-dlt").build(),
                    TopicBuilder.name("spring-retried").build(),
                    TopicBuilder.name("spring-asked").build(),
                    TopicBuilder.name("spring-answered").build(),
                    TopicBuilder.name("spring-transactions").build());
        }

        @Bean
        ProducerFactory<String, String> producers() {
            return new DefaultKafkaProducerFactory<>(PRODUCER);
        }

        @Bean
        ConsumerFactory<String, String> consumers() {
            return new DefaultKafkaConsumerFactory<>(CONSUMER);
        }

        @Bean
        @Primary
        KafkaTemplate<String, String> defaultRetryTopicKafkaTemplate(ProducerFactory<String, String> producers) {
            return new KafkaTemplate<>(producers);
        }

        @Bean
        ConcurrentKafkaListenerContainerFactory<String, String> kafkaListenerContainerFactory(
                ConsumerFactory<String, String> consumers, KafkaTemplate<String, String> template) {
            var factory = new ConcurrentKafkaListenerContainerFactory<String, String>();
            factory.setConsumerFactory(consumers);
            var deadLetters = new DeadLetterPublishingRecoverer(template);
            factory.setCommonErrorHandler(new DefaultErrorHandler(deadLetters, new FixedBackOff(50, 2)));
            factory.setReplyTemplate(template);
            return factory;
        }

        @Bean
        ReplyingKafkaTemplate<String, String, String> asking(
                ProducerFactory<String, String> producers, ConcurrentKafkaListenerContainerFactory<String, String> factory) {
            ConcurrentMessageListenerContainer<String, String> answers = factory.createContainer("spring-answered");
            answers.getContainerProperties().setGroupId("spring-answers");
            return new ReplyingKafkaTemplate<>(producers, answers);
        }

        @Bean
        TaskScheduler scheduler() {
            return new ThreadPoolTaskScheduler();
        }

        @Bean
        Listeners listeners() {
            return new Listeners();
        }
    }

    static class Listeners {
        @KafkaListener(topics = "spring-heard", groupId = "spring-heard", concurrency = "2")
        void hear(String value) {
            HEARD.add(value);
        }

        @KafkaListener(topics = "spring-poison", groupId = "spring-poison")
        void refuse(String value) {
            throw new IllegalArgumentException("poison: " + value);
        }

        @RetryableTopic(attempts = "3", backOff = @BackOff(delay = 100), numPartitions = "1", replicationFactor = "1")
        @KafkaListener(topics = "spring-retried", groupId = "spring-retried")
        void retry(String value) {
            TRIES.incrementAndGet();
            throw new IllegalStateException("not now: " + value);
        }

        @DltHandler
        void giveUp(String value) {
            DEAD.add(value);
        }

        @KafkaListener(topics = "spring-asked", groupId = "spring-asked")
        @SendTo
        String answer(String question) {
            return "answer to " + question;
        }
    }

    public static void main(String[] arguments) throws Exception {
        Scenarios scenarios = new Scenarios("Spring for Apache Kafka");
        try (var context = new AnnotationConfigApplicationContext(Application.class)) {
            @SuppressWarnings("unchecked")
            KafkaTemplate<String, String> template = context.getBean("defaultRetryTopicKafkaTemplate", KafkaTemplate.class);
            @SuppressWarnings("unchecked")
            ReplyingKafkaTemplate<String, String, String> asking = context.getBean(ReplyingKafkaTemplate.class);
            scenarios
                    .play("listeners in a group", () -> {
                        List<String> sent = IntStream.range(0, 500).mapToObj(Integer::toString).toList();
                        sent.forEach(value -> template.send("spring-heard", value, value));
                        Scenarios.await(() -> HEARD.containsAll(sent), "not all was heard");
                    })
                    .play("dead letters", () -> {
                        template.send("spring-poison", "bad").get();
                        ConsumerRecord<String, String> dead = Scenarios.read("spring-poison-dlt", 1).get(0);
                        Scenarios.check(dead.value().equals("bad") && dead.headers().lastHeader("kafka_dlt-exception-fqcn") != null, "another record");
                    })
                    .play("retry topics", () -> {
                        template.send("spring-retried", "later").get();
                        Scenarios.await(() -> DEAD.contains("later"), "not given up");
                        Scenarios.check(TRIES.get() == 3, TRIES + " tries");
                    })
                    .play("request and reply", () -> {
                        asking.waitForAssignment(Duration.ofSeconds(30));
                        var answer = asking.sendAndReceive(new ProducerRecord<>("spring-asked", "why"), Duration.ofSeconds(30));
                        Scenarios.check(answer.get(30, TimeUnit.SECONDS).value().equals("answer to why"), "another answer");
                    })
                    .play("transactions", () -> transactions());
        }
        scenarios.end();
    }

    private static void transactions() {
        var producers = new DefaultKafkaProducerFactory<String, String>(Application.PRODUCER);
        producers.setTransactionIdPrefix("spring-");
        var template = new KafkaTemplate<>(producers);
        try {
            template.executeInTransaction(operations -> {
                operations.send("spring-transactions", "aborted");
                throw new IllegalStateException("to abort");
            });
        } catch (IllegalStateException expected) {
            Scenarios.check(expected.getMessage().equals("to abort"), expected.toString());
        }
        template.executeInTransaction(operations -> operations.send("spring-transactions", "committed"));
        producers.destroy();
        List<String> read = Scenarios.values("spring-transactions", 1);
        Scenarios.check(read.equals(List.of("committed")), "read " + read);
    }
}
