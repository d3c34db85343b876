package io.gregor.broker.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MemorySharesTest {
    private static final long HEAP = 64L << 20;
    private static final long DIRECT = 256L << 20;

    @Test
    void allSharesTogetherLeaveRoomForWhatIsNotCounted() {
        MemoryShares shares = MemoryShares.of(HEAP, DIRECT);

        long onTheHeap = shares.requests().limit()
                + shares.answers().limit()
                + shares.coordinators().limit()
                + shares.metadata().limit()
                + HEAP / 8;
        assertThat(onTheHeap).isLessThan(HEAP * 7 / 8);
        assertThat(shares.frames().limit()).isEqualTo(DIRECT / 4);
    }

    @Test
    void allThatClientsNameTakesAnEighthOfTheHeap() {
        CacheShares caches = MemoryShares.of(128L << 20, 0).caches();
        long all = caches.producers().limit()
                + caches.sessions().limit()
                + caches.pushedMetrics().limit()
                + caches.clientInstances().limit()
                + caches.quotas().limit()
                + caches.addresses().limit();
        assertThat(all).isEqualTo(16L << 20);
    }

    @Test
    void theSharesOfThisProcessAreOfItsLargestHeap() {
        MemoryShares shares = MemoryShares.ofThisProcess();

        assertThat(shares.requests().limit()).isEqualTo(Runtime.getRuntime().maxMemory() / 4);
        assertThat(shares.metadata().limit()).isEqualTo(Runtime.getRuntime().maxMemory() / 8);
        assertThat(shares.frames().limit()).isPositive();
    }
}
