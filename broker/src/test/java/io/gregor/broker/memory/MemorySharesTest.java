package io.gregor.broker.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MemorySharesTest {
    @Test
    void eachPurposeHasItsPartOfTheMemory() {
        MemoryShares shares = MemoryShares.of(1L << 30, 256L << 20);
        assertThat(shares.frames().limit()).isEqualTo(64L << 20);
        assertThat(shares.metadata().limit()).isEqualTo(128L << 20);
    }

    @Test
    void aProcessHasDirectMemoryAndAHeap() {
        assertThat(MemoryShares.ofThisProcess().frames().limit()).isPositive();
        assertThat(MemoryShares.ofThisProcess().metadata().limit()).isPositive();
    }
}
