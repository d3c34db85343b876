package io.gregor.broker;

import io.gregor.broker.config.Listener;
import io.gregor.wire.ByteReader;
import io.gregor.wire.Message;
import io.gregor.wire.MessageSink;
import io.gregor.wire.Part;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.ApiVersionsRequest;
import io.gregor.wire.message.FetchRequest;
import io.gregor.wire.message.FindCoordinatorRequest;
import io.gregor.wire.message.InitProducerIdRequest;
import io.gregor.wire.message.ListOffsetsRequest;
import io.gregor.wire.message.MetadataRequest;
import io.gregor.wire.message.MetadataResponse;
import io.gregor.wire.message.ProduceRequest;
import io.gregor.wire.message.RequestHeader;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A short life of a broker, with a client that does what clients do first. The launcher runs it once, so that the JVM
 * can keep what it learns; see the {@code gregor} script.
 */
final class JvmCacheTraining {
    /** The only argument with which the main class comes here. */
    static final String OPTION = "--prepare-cache";

    private static final int ROUNDS = 300;
    private static final String TOPIC = "training";

    private final DataInputStream in;
    private final DataOutputStream out;

    private JvmCacheTraining(Socket socket) throws IOException {
        in = new DataInputStream(socket.getInputStream());
        out = new DataOutputStream(socket.getOutputStream());
    }

    static void run() throws Exception {
        Path folder = Files.createTempDirectory("gregor-training");
        List<String> arguments = List.of(
                "--override",
                "listeners=PLAINTEXT://127.0.0.1:0",
                "--override",
                "log.dirs=" + folder,
                "--override=x=y");
        try (Broker broker = Main.start(StartArguments.parse(arguments), System.currentTimeMillis())) {
            Listener listener = broker.listeners().values().iterator().next();
            try (Socket socket = new Socket(listener.host(), listener.port())) {
                socket.setTcpNoDelay(true);
                new JvmCacheTraining(socket).talk();
            }
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private void talk() throws IOException {
        call(
                ApiKey.API_VERSIONS,
                4,
                new ApiVersionsRequest().clientSoftwareName("x").clientSoftwareVersion("1"));
        MetadataResponse.MetadataResponseTopic topic = topic();
        call(ApiKey.INIT_PRODUCER_ID, 5, new InitProducerIdRequest().transactionTimeoutMs(1000));
        call(ApiKey.FIND_COORDINATOR, 6, new FindCoordinatorRequest().coordinatorKeys(List.of("group")));
        for (int i = 0; i < ROUNDS; i++) {
            call(ApiKey.PRODUCE, 13, produce(topic));
            call(ApiKey.FETCH, 17, fetch(topic, i));
        }
        call(ApiKey.LIST_OFFSETS, 10, listOffsets());
        call(ApiKey.FIND_COORDINATOR, 6, new FindCoordinatorRequest().coordinatorKeys(List.of("group")));
    }

    /** Asks until the topic has come to be. */
    private MetadataResponse.MetadataResponseTopic topic() throws IOException {
        MetadataRequest request = new MetadataRequest()
                .topics(List.of(new MetadataRequest.MetadataRequestTopic().name(TOPIC)))
                .allowAutoTopicCreation(true);
        while (true) {
            MetadataResponse response = (MetadataResponse) call(ApiKey.METADATA, 13, request);
            MetadataResponse.MetadataResponseTopic topic = response.topics().get(0);
            if (topic.errorCode() == 0) {
                return topic;
            }
        }
    }

    private static ProduceRequest produce(MetadataResponse.MetadataResponseTopic topic) {
        BatchBuilder batch = new BatchBuilder(Compression.NONE);
        for (int i = 0; i < 20; i++) {
            batch.add(Record.of(1, null, ByteBuffer.allocate(100)));
        }
        return new ProduceRequest()
                .acks((short) -1)
                .timeoutMs(1000)
                .topicData(List.of(new ProduceRequest.TopicProduceData()
                        .topicId(topic.topicId())
                        .partitionData(List.of(
                                new ProduceRequest.PartitionProduceData().records(new Part.InMemory(batch.build()))))));
    }

    private static FetchRequest fetch(MetadataResponse.MetadataResponseTopic topic, long offset) {
        return new FetchRequest()
                .maxWaitMs(100)
                .minBytes(1)
                .maxBytes(1 << 20)
                .sessionEpoch(-1)
                .topics(List.of(new FetchRequest.FetchTopic()
                        .topicId(topic.topicId())
                        .partitions(List.of(new FetchRequest.FetchPartition()
                                .fetchOffset(offset)
                                .partitionMaxBytes(1 << 20)))));
    }

    private static ListOffsetsRequest listOffsets() {
        return new ListOffsetsRequest()
                .replicaId(-1)
                .topics(List.of(new ListOffsetsRequest.ListOffsetsTopic()
                        .name(TOPIC)
                        .partitions(List.of(new ListOffsetsRequest.ListOffsetsPartition().timestamp(-1)))));
    }

    private Message call(ApiKey key, int version, Message request) throws IOException {
        MessageSink sink = new MessageSink(1024);
        new RequestHeader()
                .requestApiKey(key.id())
                .requestApiVersion((short) version)
                .clientId("training")
                .write(sink, key.requestHeaderVersion((short) version));
        request.write(sink, (short) version);
        ByteBuffer bytes = sink.toBuffer();
        out.writeInt(bytes.remaining());
        out.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
        out.flush();
        byte[] answer = new byte[in.readInt()];
        in.readFully(answer);
        int header = key.responseHeaderVersion((short) version) == 0 ? 4 : 5;
        ByteBuffer body = ByteBuffer.wrap(answer, header, answer.length - header);
        return ByteReader.readAll(key.newResponse(), body, (short) version);
    }
}
