package io.gregor.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every message and version, against Apache Kafka's own classes. */
class MessageDifferentialTest {
    private static final int ROUNDS = 20;

    @FunctionalInterface
    private interface Check {
        void run(KafkaMessages message, short version, long seed) throws Exception;
    }

    @TestFactory
    Stream<DynamicTest> sameBytesAndFieldsAsKafka() throws Exception {
        return forAll(MessageDifferentialTest::sameBytesAndFields);
    }

    @TestFactory
    Stream<DynamicTest> hostileBytesEndInOneTypedError() throws Exception {
        return forAll(MessageDifferentialTest::hostileBytes);
    }

    @TestFactory
    Stream<DynamicTest> arraysThatStayEncodedAreTheSame() throws Exception {
        return forAll(MessageDifferentialTest::longArrays);
    }

    @TestFactory
    Stream<DynamicTest> piecesAreTheWholeMessage() throws Exception {
        return forAll(MessageDifferentialTest::pieces);
    }

    @Test
    void everySchemaOfKafkaIsThere() throws Exception {
        assertThat(KafkaMessages.all()).hasSizeGreaterThan(260);
    }

    private static Stream<DynamicTest> forAll(Check check) throws Exception {
        return KafkaMessages.all().stream()
                .map(message -> DynamicTest.dynamicTest(message.name(), () -> {
                    for (short version = message.lowest(); version <= message.highest(); version++) {
                        for (int round = 0; round < ROUNDS; round++) {
                            long seed = version * 1000L + round;
                            try {
                                check.run(message, version, seed);
                            } catch (Exception | AssertionError e) {
                                throw new AssertionError(message.name() + " version " + version + " seed " + seed, e);
                            }
                        }
                    }
                }));
    }

    private static void sameBytesAndFields(KafkaMessages message, short version, long seed) throws Exception {
        byte[] bytes = new RandomMessages(seed).next(message.schema(version));
        org.apache.kafka.common.protocol.Message theirs = message.newTheirs();
        theirs.read(new ByteBufferAccessor(ByteBuffer.wrap(bytes)), version);
        ByteBuffer theirBytes =
                MessageUtil.toByteBufferAccessor(theirs, version).buffer();

        ByteReader reader = new ByteReader(ByteBuffer.wrap(bytes));
        Message ours = message.newOurs();
        ours.read(reader, version);

        assertThat(reader.remaining()).isZero();
        SameFields.assertSame(message.name(), ours, theirs);
        assertThat(MessageSink.toBuffer(ours, version)).isEqualTo(theirBytes);
        Message again = message.newOurs();
        assertThat(ByteReader.readAll(again, theirBytes, version))
                .isEqualTo(ours)
                .hasSameHashCodeAs(ours);
        assertThat(again).hasToString(ours.toString());
    }

    private static void longArrays(KafkaMessages message, short version, long seed) throws Exception {
        byte[] bytes = new RandomMessages(seed).next(message.schema(version));
        Message kept = ByteReader.readAll(message.newOurs(), ByteBuffer.wrap(bytes), version);

        ByteReader reader = new ByteReader(ByteBuffer.wrap(bytes), 0);
        Message encoded = message.newOurs();
        encoded.read(reader, version);

        assertThat(reader.remaining()).isZero();
        assertThat(encoded).isEqualTo(kept).hasToString(kept.toString());
        assertThat(MessageSink.toBuffer(encoded, version)).isEqualTo(MessageSink.toBuffer(kept, version));
    }

    private static void pieces(KafkaMessages message, short version, long seed) throws Exception {
        byte[] bytes = new RandomMessages(seed).next(message.schema(version));
        Message whole = ByteReader.readAll(message.newOurs(), ByteBuffer.wrap(bytes), version);
        ByteBuffer expected = MessageSink.toBuffer(whole, version);

        MessagePieces pieces = new MessagePieces(whole, version, 1 + (int) (seed % 1000));
        for (int pass = 0; pass < 2; pass++) {
            ByteBuffer all = ByteBuffer.allocate(expected.remaining());
            while (!pieces.isAtEnd()) {
                for (Part part : pieces.next()) {
                    all.put(((Part.InMemory) part).bytes().duplicate());
                }
            }
            assertThat(all.flip()).isEqualTo(expected);
            pieces.restart();
        }
    }

    private static void hostileBytes(KafkaMessages message, short version, long seed) {
        byte[] bytes = new RandomMessages(seed).next(message.schema(version));
        Random random = new Random(seed);
        if (seed % 1000 < 3) {
            for (int length = 0; length < bytes.length; length++) {
                ByteBuffer truncated = ByteBuffer.wrap(Arrays.copyOf(bytes, length));
                assertThatThrownBy(() -> ByteReader.readAll(message.newOurs(), truncated, version))
                        .isInstanceOf(MalformedMessageException.class);
            }
        }
        for (int i = 0; i < 20 && bytes.length > 0; i++) {
            byte[] broken = bytes.clone();
            int at = random.nextInt(broken.length);
            for (int j = at; j < Math.min(broken.length, at + 1 + random.nextInt(5)); j++) {
                broken[j] = (byte) (random.nextBoolean() ? 0xFF : random.nextInt());
            }
            try {
                ByteReader.readAll(message.newOurs(), ByteBuffer.wrap(broken), version);
            } catch (MalformedMessageException e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
        }
    }
}
