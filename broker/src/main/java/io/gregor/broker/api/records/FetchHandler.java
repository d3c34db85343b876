package io.gregor.broker.api.records;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.fetch.FetchPlan;
import io.gregor.broker.fetch.FetchSession;
import io.gregor.broker.fetch.FetchSessions;
import io.gregor.broker.lane.Lane;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.broker.quota.QuotaKind;
import io.gregor.broker.quota.Quotas;
import io.gregor.broker.replica.Partition;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.FetchRequest;
import io.gregor.wire.message.FetchRequest.FetchPartition;
import io.gregor.wire.message.FetchResponse;
import io.gregor.wire.message.FetchResponse.FetchableTopicResponse;
import io.gregor.wire.message.FetchResponse.PartitionData;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Records from a number of partitions, sent from the files to the socket without passing through here. Where there is
 * less than the client wants, the request waits on its partitions and makes the same plan again whenever one changes.
 *
 * <p>Version 7: sessions (KIP-227). 9: leader epochs (KIP-320). 12: diverging epochs. 13: topics by id (KIP-516). 15:
 * the replica's state replaces its id. 16: the leader, where it is another (KIP-951).
 *
 * <p>Error precedence: for the request the session's errors; for a partition UNKNOWN_TOPIC_ID or
 * UNKNOWN_TOPIC_OR_PARTITION, FENCED_LEADER_EPOCH or UNKNOWN_LEADER_EPOCH, OFFSET_OUT_OF_RANGE.
 */
public final class FetchHandler implements ApiHandler<FetchRequest, FetchResponse> {
    /** A partition that is to be fetched. */
    public record Wanted(FetchSession.Key key, FetchPartition partition) {
        public PartitionLookup.Found find(PartitionLookup lookup) {
            return key.topicId().equals(Uuid.ZERO)
                    ? lookup.find(key.topic(), key.partition())
                    : lookup.find(key.topicId(), key.partition());
        }
    }

    private final PartitionLookup lookup;
    private final FetchSessions sessions;
    private final Quotas quotas;
    private final int maxBytes;

    public FetchHandler(
            BrokerConfig config, PartitionLookup lookup, Quotas quotas, InstantSource clock, RandomGenerator random) {
        this.lookup = lookup;
        this.quotas = quotas;
        this.sessions = new FetchSessions(config.integer("max.incremental.fetch.session.cache.slots"), clock, random);
        this.maxBytes = config.integer("fetch.max.bytes");
    }

    @Override
    public void handle(RequestContext context, FetchRequest request, Reply<FetchResponse> reply) {
        FetchSessions.Context session = sessions.begin(request, context.version());
        if (session.error() != ErrorCode.NONE) {
            reply.send(new FetchResponse().errorCode(session.error().code()));
            return;
        }
        FetchSession kept = session.session();
        List<Wanted> wanted = kept == null ? wanted(request) : kept.wanted();
        new Waiting(request, session, wanted, context, reply).begin();
    }

    /** A partition that is named twice is fetched once, as it is named last. */
    private static List<Wanted> wanted(FetchRequest request) {
        FetchSession once = new FetchSession(0, true);
        once.update(request);
        return once.wanted();
    }

    /** A fetch until it is answered. Confined to the connection's loop, but for being woken. */
    private final class Waiting implements Partition.Waiter {
        private final FetchRequest request;
        private final FetchSessions.Context session;
        private final List<Wanted> wanted;
        private final Lane loop;
        private final String clientId;
        private final int maxBytes;
        private final int minBytes;
        private final Reply<FetchResponse> reply;
        private final AtomicBoolean woken = new AtomicBoolean();
        private final Set<Partition> waitsOn = new LinkedHashSet<>();
        private Lane.@Nullable Scheduled deadline;
        private boolean answered;

        Waiting(
                FetchRequest request,
                FetchSessions.Context session,
                List<Wanted> wanted,
                RequestContext context,
                Reply<FetchResponse> reply) {
            this.request = request;
            this.session = session;
            this.wanted = wanted;
            this.loop = context.loop();
            this.clientId = context.clientId();
            this.maxBytes = (int) Math.min(
                    Math.min(request.maxBytes(), FetchHandler.this.maxBytes),
                    quotas.mostAtOnce(QuotaKind.FETCH, clientId));
            // More than an answer may hold is never there (KIP-541).
            this.minBytes = Math.min(request.minBytes(), maxBytes);
            this.reply = reply;
        }

        void begin() {
            FetchPlan plan = plan();
            if (isEnough(plan) || request.maxWaitMs() <= 0 || wanted.isEmpty()) {
                answer(plan);
                return;
            }
            for (Wanted one : wanted) {
                Partition partition = one.find(lookup).partition();
                if (partition != null) {
                    waitsOn.add(partition);
                    partition.addWaiter(this);
                }
            }
            reply.whenClosed(this::abandon);
            deadline = loop.schedule(() -> end(plan()), request.maxWaitMs());
            lookAgain();
        }

        private FetchPlan plan() {
            return FetchPlan.of(lookup, wanted, request.isolationLevel(), maxBytes);
        }

        private boolean isEnough(FetchPlan plan) {
            return plan.isUrgent() || plan.bytes() >= minBytes;
        }

        @Override
        public void changed() {
            if (woken.compareAndSet(false, true)) {
                loop.execute(this::lookAgain);
            }
        }

        private void lookAgain() {
            woken.set(false);
            if (answered) {
                return;
            }
            FetchPlan plan = plan();
            if (isEnough(plan)) {
                end(plan);
            }
        }

        private void end(FetchPlan plan) {
            if (!answered) {
                stopWaiting();
                answer(plan);
            }
        }

        private void abandon() {
            if (!answered) {
                answered = true;
                stopWaiting();
                reply.sendNothing();
            }
        }

        private void stopWaiting() {
            waitsOn.forEach(partition -> partition.removeWaiter(this));
            if (deadline != null) {
                deadline.cancel();
            }
        }

        private void answer(FetchPlan plan) {
            FetchPlan latest = plan;
            while (!latest.retain()) {
                latest = plan();
            }
            send(latest);
        }

        private void send(FetchPlan plan) {
            answered = true;
            FetchSession kept = session.session();
            int throttleMs = quotas.useOrWait(QuotaKind.FETCH, clientId, (double) plan.bytes());
            if (throttleMs > 0) {
                plan.planned().forEach(FetchPlan::release);
                waitFor(throttleMs);
                return;
            }
            List<FetchableTopicResponse> topics = new ArrayList<>();
            List<PartitionData> partitions = new ArrayList<>();
            FetchableTopicResponse topic = null;
            for (FetchPlan.Planned planned : plan.planned()) {
                if (kept != null && !kept.tell(planned.key(), planned.data(), session.full())) {
                    FetchPlan.release(planned);
                    continue;
                }
                String name = planned.key().topic();
                Uuid id = planned.key().topicId();
                if (topic == null
                        || !topic.topic().equals(name)
                        || !topic.topicId().equals(id)) {
                    partitions = new ArrayList<>();
                    topic = new FetchableTopicResponse().topic(name).topicId(id).partitions(partitions);
                    topics.add(topic);
                }
                partitions.add(planned.data());
            }
            reply.send(
                    new FetchResponse().sessionId(kept == null ? 0 : kept.id()).responses(topics));
        }

        /** Who has had too much gets nothing now, and a session that was to begin with this does not. */
        private void waitFor(int throttleMs) {
            FetchSession kept = session.session();
            FetchResponse response = new FetchResponse().throttleTimeMs(throttleMs);
            if (kept != null && session.full()) {
                sessions.end(kept);
            } else if (kept != null) {
                response.sessionId(kept.id());
            }
            reply.send(response);
        }
    }
}
