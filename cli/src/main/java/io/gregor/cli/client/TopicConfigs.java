package io.gregor.cli.client;

import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.DescribeConfigsRequest;
import io.gregor.wire.message.DescribeConfigsRequest.DescribeConfigsResource;
import io.gregor.wire.message.DescribeConfigsResponse;
import io.gregor.wire.message.DescribeConfigsResponse.DescribeConfigsResourceResult;
import io.gregor.wire.message.DescribeConfigsResponse.DescribeConfigsResult;
import io.gregor.wire.message.IncrementalAlterConfigsRequest;
import io.gregor.wire.message.IncrementalAlterConfigsRequest.AlterConfigsResource;
import io.gregor.wire.message.IncrementalAlterConfigsRequest.AlterableConfig;
import io.gregor.wire.message.IncrementalAlterConfigsResponse;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Configurations of topics. Confined to the main thread. */
public final class TopicConfigs {
    private static final byte TOPIC = 2;
    private static final byte SET = 0;
    private static final byte DELETE = 1;
    /** Of a configuration that was given to the topic itself. */
    private static final byte OF_TOPIC = 1;

    /** One configuration. Immutable. */
    public record Config(String key, String value, boolean ofTopic) {}

    private TopicConfigs() {}

    /**
     * All configurations of each of these topics, by key.
     *
     * @throws ClientException if one of them does not exist
     */
    public static SortedMap<String, List<Config>> of(Cluster cluster, Collection<String> topics) {
        DescribeConfigsRequest request = new DescribeConfigsRequest()
                .resources(topics.stream()
                        .map(name -> new DescribeConfigsResource()
                                .resourceType(TOPIC)
                                .resourceName(name)
                                .configurationKeys(null))
                        .toList());
        DescribeConfigsResponse response = cluster.retrying(() -> {
            DescribeConfigsResponse answer =
                    cluster.any(ApiKey.DESCRIBE_CONFIGS, request, DescribeConfigsResponse.class);
            answer.results()
                    .forEach(one -> BrokerException.throwIfError(
                            one.errorCode(), one.errorMessage(), "topic " + one.resourceName()));
            return answer;
        });
        SortedMap<String, List<Config>> found = new TreeMap<>();
        for (DescribeConfigsResult result : response.results()) {
            List<Config> configs = new ArrayList<>();
            for (DescribeConfigsResourceResult one : result.configs()) {
                String value = one.value() == null ? "" : one.value();
                configs.add(new Config(one.name(), value, one.configSource() == OF_TOPIC));
            }
            configs.sort(Comparator.comparing(Config::key));
            found.put(result.resourceName(), configs);
        }
        return found;
    }

    /**
     * Changes configurations of one topic: all of them or none.
     *
     * @throws ClientException if one is not allowed
     */
    public static void change(Cluster cluster, String topic, Map<String, String> set, Collection<String> delete) {
        List<AlterableConfig> changes = new ArrayList<>();
        set.forEach((key, value) ->
                changes.add(new AlterableConfig().name(key).configOperation(SET).value(value)));
        delete.forEach(key -> changes.add(
                new AlterableConfig().name(key).configOperation(DELETE).value(null)));
        IncrementalAlterConfigsRequest request = new IncrementalAlterConfigsRequest()
                .resources(List.of(new AlterConfigsResource()
                        .resourceType(TOPIC)
                        .resourceName(topic)
                        .configs(changes)));
        cluster.retrying(() -> {
            IncrementalAlterConfigsResponse answer = cluster.controller(
                    ApiKey.INCREMENTAL_ALTER_CONFIGS, request, IncrementalAlterConfigsResponse.class);
            answer.responses()
                    .forEach(
                            one -> BrokerException.throwIfError(one.errorCode(), one.errorMessage(), "topic " + topic));
            return answer;
        });
    }
}
