package io.gregor.wire.record;

import io.gregor.wire.ByteReader;
import io.gregor.wire.MalformedMessageException;
import io.gregor.wire.MessageSink;
import io.gregor.wire.message.EndTxnMarker;
import java.nio.ByteBuffer;

/**
 * The one record of a control batch that ends a transaction in a partition: its key is a version (0) and a type (0
 * abort, 1 commit), two bytes each; its value the epoch of the coordinator that decided so.
 */
public record EndMarker(boolean commit, int coordinatorEpoch) {
    /** Of the whole control batch. */
    public static final int BATCH_BYTES = 78;

    private static final short ABORT = 0;
    private static final short COMMIT = 1;
    private static final short VERSION = 0;
    private static final int KEY_BYTES = 4;

    /** The whole control batch, without its offset. */
    public RecordBatch toBatch(long producerId, short producerEpoch, long nowMs) {
        ByteBuffer key = ByteBuffer.allocate(KEY_BYTES)
                .putShort(VERSION)
                .putShort(commit ? COMMIT : ABORT)
                .flip();
        MessageSink value = new MessageSink(8);
        value.int16(VERSION);
        new EndTxnMarker().coordinatorEpoch(coordinatorEpoch).write(value, VERSION);
        ByteBuffer batch = new BatchBuilder(Compression.NONE)
                .producer(producerId, producerEpoch, RecordBatch.NO_SEQUENCE)
                .transactional()
                .control()
                .add(Record.of(nowMs, key, value.toBuffer()))
                .build();
        return new RecordBatch(batch, 0);
    }

    /**
     * What a control batch says of its producer's transaction.
     *
     * @throws MalformedMessageException if it does not say that
     */
    public static EndMarker of(RecordBatch control) {
        EndMarker[] found = new EndMarker[1];
        RecordCursor.forEach(control, record -> {
            ByteBuffer key = record.key();
            ByteBuffer value = record.value();
            if (key == null || value == null || key.remaining() < KEY_BYTES) {
                throw new MalformedMessageException("a control record without a type");
            }
            short type = key.getShort(key.position() + 2);
            if (type != ABORT && type != COMMIT) {
                throw new MalformedMessageException("control record of type " + type + " ends no transaction");
            }
            ByteReader in = new ByteReader(value.duplicate());
            in.int16();
            EndTxnMarker marker = new EndTxnMarker();
            marker.read(in, VERSION);
            found[0] = new EndMarker(type == COMMIT, marker.coordinatorEpoch());
        });
        if (found[0] == null) {
            throw new MalformedMessageException("a control batch without a record");
        }
        return found[0];
    }
}
