package io.gregor.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.wire.message.DescribeConfigsResponse;
import io.gregor.wire.message.DescribeConfigsResponse.DescribeConfigsResult;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A piece ends when it has bytes enough, or elements: those that have few bytes may have taken long to make. */
class MessagePiecesTest {
    private static final int ELEMENTS = 10_000;
    private static final int PIECE_BYTES = 32_000;
    private static final short VERSION = 4;

    @Test
    void noPieceMakesManyElements() {
        int[] made = new int[1];
        List<DescribeConfigsResult> results = OnDemandList.of(ELEMENTS, index -> {
            made[0]++;
            return new DescribeConfigsResult().resourceType((byte) index);
        });
        DescribeConfigsResponse response = new DescribeConfigsResponse().results(results);
        MessageSink whole = new MessageSink(PIECE_BYTES);
        response.write(whole, VERSION);
        made[0] = 0;

        MessagePieces pieces = new MessagePieces(response, VERSION, PIECE_BYTES);
        MessageSink joined = new MessageSink(PIECE_BYTES);
        while (!pieces.isAtEnd()) {
            int before = made[0];
            for (Part part : pieces.next()) {
                joined.raw(((Part.InMemory) part).bytes());
            }
            assertThat(made[0] - before).isLessThanOrEqualTo(1002);
        }

        assertThat(joined.toBuffer()).isEqualTo(whole.toBuffer());
    }
}
