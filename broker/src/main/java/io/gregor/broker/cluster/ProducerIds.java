package io.gregor.broker.cluster;

import io.gregor.controller.ControllerContext;
import io.gregor.controller.operation.AllocateProducerIds;
import io.gregor.wire.message.AllocateProducerIdsRequest;
import io.gregor.wire.message.AllocateProducerIdsResponse;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Producer ids, in blocks that the cluster's metadata remembers, so that none is ever given out twice. Called on any
 * thread; answers there, or on the controller's thread.
 */
public final class ProducerIds {
    private static final long NO_BROKER_EPOCH = -1;

    private static final ControllerContext CONTEXT = new ControllerContext((short) 0, "");

    private record Waiting(LongConsumer id, Consumer<ErrorCode> failed) {}

    private final Controller controller;
    private final int nodeId;
    private final Queue<Waiting> waiting = new ArrayDeque<>();
    private long next;
    private long end;

    public ProducerIds(Controller controller, int nodeId) {
        this.controller = controller;
        this.nodeId = nodeId;
    }

    public void next(LongConsumer id, Consumer<ErrorCode> failed) {
        long given;
        boolean first;
        synchronized (waiting) {
            boolean there = next < end && waiting.isEmpty();
            given = there ? next++ : -1;
            if (!there) {
                waiting.add(new Waiting(id, failed));
            }
            first = !there && waiting.size() == 1;
        }
        if (given >= 0) {
            id.accept(given);
        } else if (first) {
            fetchBlock();
        }
    }

    private void fetchBlock() {
        AllocateProducerIdsRequest request =
                new AllocateProducerIdsRequest().brokerId(nodeId).brokerEpoch(NO_BROKER_EPOCH);
        controller.<AllocateProducerIdsResponse>submit(request, CONTEXT).thenAccept(response -> {
            ErrorCode error = ErrorCode.of(response.errorCode());
            if (error == ErrorCode.NONE) {
                useBlock(response.producerIdStart());
            } else {
                fail(error);
            }
        });
    }

    private void useBlock(long firstId) {
        Queue<Waiting> served = new ArrayDeque<>();
        boolean more;
        synchronized (waiting) {
            while (!waiting.isEmpty() && served.size() < AllocateProducerIds.BLOCK) {
                served.add(waiting.remove());
            }
            next = firstId + served.size();
            end = firstId + AllocateProducerIds.BLOCK;
            more = !waiting.isEmpty();
        }
        long id = firstId;
        for (Waiting one : served) {
            one.id.accept(id++);
        }
        if (more) {
            fetchBlock();
        }
    }

    private void fail(ErrorCode error) {
        Queue<Waiting> failed;
        synchronized (waiting) {
            failed = new ArrayDeque<>(waiting);
            waiting.clear();
        }
        failed.forEach(one -> one.failed.accept(error));
    }
}
