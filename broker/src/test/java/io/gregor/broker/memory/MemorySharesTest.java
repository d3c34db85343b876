package io.gregor.broker.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MemorySharesTest {
    @Test
    void framesTakeAQuarterOfTheDirectMemory() {
        assertThat(MemoryShares.of(1L << 30, 256L << 20).frames().limit()).isEqualTo(64L << 20);
    }

    @Test
    void aProcessHasDirectMemory() {
        assertThat(MemoryShares.ofThisProcess().frames().limit()).isPositive();
    }
}
