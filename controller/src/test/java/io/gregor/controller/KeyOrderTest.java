package io.gregor.controller;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A hash map looks up keys of one hash value by their order, if they have one: else each is compared with each. */
class KeyOrderTest {
    @Test
    void quotaEntitiesOfOneHashValueHaveAnOrder() {
        List<QuotaEntity> entities = new ArrayList<>();
        for (String name : List.of("Aa", "BB", "C#")) {
            entities.add(QuotaEntity.of(QuotaEntity.USER, name));
            entities.add(QuotaEntity.of(name, name));
            entities.add(QuotaEntity.ofUserAndClient(name, null));
            entities.add(QuotaEntity.ofUserAndClient(null, name));
        }
        entities.add(new QuotaEntity(Map.of()));
        entities.add(QuotaEntity.of(QuotaEntity.USER, null));

        assertOrdered(entities);
    }

    @Test
    void configResourcesOfOneHashValueHaveAnOrder() {
        List<ConfigResource> resources = new ArrayList<>();
        for (String name : List.of("Aa", "BB", "C#")) {
            resources.add(ConfigResource.topic(name));
            resources.add(new ConfigResource(ConfigResource.GROUP, name));
        }

        assertOrdered(resources);
    }

    private static <T extends Comparable<T>> void assertOrdered(List<T> different) {
        for (T one : different) {
            for (T other : different) {
                assertThat(Integer.signum(one.compareTo(other))).isEqualTo(-Integer.signum(other.compareTo(one)));
                assertThat(one.compareTo(other) == 0).isEqualTo(one.equals(other));
            }
        }
        Map<T, Integer> found = new TreeMap<>();
        different.forEach(one -> found.put(one, 1));
        assertThat(found).hasSize(different.size());
    }
}
