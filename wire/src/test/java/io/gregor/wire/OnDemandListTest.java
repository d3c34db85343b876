package io.gregor.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class OnDemandListTest {
    @Test
    void severalListsFollowOneAnother() {
        List<String> all = OnDemandList.ofAll(
                List.of(List.of(), List.of("a", "b"), List.of(), List.of(), List.of("c"), List.of()));

        assertThat(all).containsExactly("a", "b", "c");
        assertThatThrownBy(() -> all.get(3)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(OnDemandList.ofAll(List.of())).isEmpty();
    }

    /** Most of many lists are empty: the search for an element does not walk past them. */
    @Test
    void emptyListsCostNothing() {
        AtomicInteger asked = new AtomicInteger();
        List<List<String>> lists = OnDemandList.of(10_000, index -> {
            asked.incrementAndGet();
            return index % 5_000 == 4_999 ? Collections.nCopies(10_000, "x") : List.of();
        });
        List<String> all = OnDemandList.ofAll(lists);
        asked.set(0);

        assertThat(all).hasSize(20_000).containsOnly("x");
        assertThat(asked).hasValueLessThan(10);
    }
}
