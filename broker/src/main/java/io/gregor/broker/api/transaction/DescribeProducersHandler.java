package io.gregor.broker.api.transaction;

import io.gregor.broker.access.AclOperation;
import io.gregor.broker.access.ResourceType;
import io.gregor.broker.lane.Steps;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.broker.replica.Partition;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.controller.TopicNames;
import io.gregor.log.producer.ProducerSummary;
import io.gregor.wire.message.DescribeProducersRequest;
import io.gregor.wire.message.DescribeProducersResponse;
import io.gregor.wire.message.DescribeProducersResponse.PartitionResponse;
import io.gregor.wire.message.DescribeProducersResponse.ProducerState;
import io.gregor.wire.message.DescribeProducersResponse.TopicResponse;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Who has produced to partitions, and who has a transaction open there (KIP-664). */
public record DescribeProducersHandler(PartitionLookup lookup)
        implements ApiHandler<DescribeProducersRequest, DescribeProducersResponse> {
    @Override
    public void handle(
            RequestContext context, DescribeProducersRequest request, Reply<DescribeProducersResponse> reply) {
        List<TopicResponse> topics = new ArrayList<>();
        Predicate<String> allowed = context.allowing(AclOperation.READ, ResourceType.TOPIC);
        List<Consumer<Runnable>> steps = new ArrayList<>();
        for (DescribeProducersRequest.TopicRequest topic : request.topics()) {
            List<PartitionResponse> ofTopic = new ArrayList<>();
            topics.add(new TopicResponse().name(topic.name()).partitions(ofTopic));
            for (int index : topic.partitionIndexes()) {
                PartitionResponse response = new PartitionResponse().partitionIndex(index);
                ofTopic.add(response);
                if (TopicNames.objection(topic.name()) == null && !allowed.test(topic.name())) {
                    refuse(response, ErrorCode.TOPIC_AUTHORIZATION_FAILED);
                } else {
                    steps.add(ended -> describe(topic.name(), index, response, ended));
                }
            }
        }
        Steps.run(steps, context.loop(), () -> reply.send(new DescribeProducersResponse().topics(topics)), reply::fail);
    }

    private static void refuse(PartitionResponse response, ErrorCode error) {
        response.errorCode(error.code()).errorMessage(error.message());
    }

    private void describe(String topic, int index, PartitionResponse response, Runnable ended) {
        if (TopicNames.objection(topic) != null) {
            response.errorCode(ErrorCode.INVALID_TOPIC_EXCEPTION.code()).errorMessage(TopicNames.objection(topic));
            ended.run();
            return;
        }
        PartitionLookup.Found found = lookup.find(topic, index);
        Partition partition = found.partition();
        if (partition == null) {
            response.errorCode(found.error().code());
            // Of a partition that its topic does not have Kafka says nothing further.
            response.errorMessage(
                    lookup.image().topic(topic) == null ? found.error().message() : null);
            ended.run();
            return;
        }
        partition.lane().execute(() -> {
            response.activeProducers(partition.log().producers().summaries().stream()
                    .map(DescribeProducersHandler::state)
                    .toList());
            ended.run();
        });
    }

    private static ProducerState state(ProducerSummary producer) {
        return new ProducerState()
                .producerId(producer.producerId())
                .producerEpoch(producer.epoch())
                .lastSequence(producer.lastSequence())
                .lastTimestamp(producer.lastTimestampMs())
                .coordinatorEpoch(producer.coordinatorEpoch())
                .currentTxnStartOffset(producer.transactionFirstOffset());
    }
}
