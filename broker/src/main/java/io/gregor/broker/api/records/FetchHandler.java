package io.gregor.broker.api.records;

import io.gregor.broker.access.AclOperation;
import io.gregor.broker.access.ResourceType;
import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.fetch.FetchPlan;
import io.gregor.broker.fetch.FetchSession;
import io.gregor.broker.fetch.FetchSession.Target;
import io.gregor.broker.fetch.FetchSessions;
import io.gregor.broker.fetch.ReadableBytes;
import io.gregor.broker.lane.Lane;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.broker.quota.QuotaKind;
import io.gregor.broker.quota.Quotas;
import io.gregor.broker.replica.Partition;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.broker.replica.TopicTraffic;
import io.gregor.wire.ByteBudget;
import io.gregor.wire.Part;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.FetchRequest;
import io.gregor.wire.message.FetchResponse;
import io.gregor.wire.message.FetchResponse.FetchableTopicResponse;
import io.gregor.wire.message.FetchResponse.PartitionData;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Records from a number of partitions, sent from the files to the socket without passing through here. Where there is
 * less than the client wants, the request waits on its partitions and makes the same plan again whenever one changes.
 *
 * <p>Version 6: KAFKA_STORAGE_ERROR, before that NOT_LEADER_OR_FOLLOWER. 7: sessions (KIP-227). 9: leader epochs
 * (KIP-320). 12: diverging epochs. 13: topics by id (KIP-516). 15: the replica's state replaces its id. 16: the leader,
 * where it is another (KIP-951).
 *
 * <p>Error precedence: for the request the session's errors; for a partition that the client may not read, or that the
 * metadata does not have when the request comes, UNKNOWN_TOPIC_ID, TOPIC_AUTHORIZATION_FAILED or
 * UNKNOWN_TOPIC_OR_PARTITION, which no answer is hurried for; then
 * UNKNOWN_TOPIC_OR_PARTITION (deleted since), INCONSISTENT_TOPIC_ID (made again under that name), KAFKA_STORAGE_ERROR,
 * FENCED_LEADER_EPOCH or UNKNOWN_LEADER_EPOCH, OFFSET_OUT_OF_RANGE.
 */
public final class FetchHandler implements ApiHandler<FetchRequest, FetchResponse> {
    private static final int FIRST_VERSION_WITH_STORAGE_ERROR = 6;

    private final PartitionLookup lookup;
    private final FetchSessions sessions;
    private final Quotas quotas;
    private final int maxBytes;

    /** @param memory for the sessions */
    public FetchHandler(
            BrokerConfig config,
            PartitionLookup lookup,
            Quotas quotas,
            ByteBudget memory,
            InstantSource clock,
            RandomGenerator random) {
        this.lookup = lookup;
        this.quotas = quotas;
        this.sessions =
                new FetchSessions(config.integer("max.incremental.fetch.session.cache.slots"), memory, clock, random);
        this.maxBytes = config.integer("fetch.max.bytes");
    }

    @Override
    public void handle(RequestContext context, FetchRequest request, Reply<FetchResponse> reply) {
        FetchSessions.Context session = sessions.begin(request, context.version());
        if (session.error() != ErrorCode.NONE) {
            reply.send(new FetchResponse().errorCode(session.error().code()));
            return;
        }
        new Waiting(request, session, context, reply).begin();
    }

    /** A fetch until it is answered. Confined to the connection's loop, but for being woken. */
    private final class Waiting implements Partition.Waiter {
        private final FetchRequest request;
        private final FetchSessions.Context session;
        /** Those that the metadata has. */
        private final List<Target> targets = new ArrayList<>();
        /** What those are answered that the metadata does not have: told with the others, and no reason to hurry. */
        private final List<FetchPlan.Planned> missing = new ArrayList<>();

        private final ReadableBytes readable;
        private final Lane loop;
        private final String clientId;
        private final short version;
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
                RequestContext context,
                Reply<FetchResponse> reply) {
            this.request = request;
            this.session = session;
            this.loop = context.loop();
            this.clientId = context.clientId();
            this.version = context.version();
            this.maxBytes = (int) Math.min(
                    Math.min(request.maxBytes(), FetchHandler.this.maxBytes),
                    quotas.maxFetchBytes(QuotaKind.FETCH, clientId));
            // More than an answer may hold is never there (KIP-541).
            this.minBytes = Math.min(request.minBytes(), maxBytes);
            this.reply = reply;
            sort(session.session().targets(lookup), allowed(context));
            this.readable = new ReadableBytes(lookup, targets, request.isolationLevel());
        }

        /** A follower asks for what it may do with the cluster, anybody else for each topic. */
        private Predicate<String> allowed(RequestContext context) {
            if (request.replicaId() < 0 && request.replicaState().replicaId() < 0) {
                return context.allowing(AclOperation.READ, ResourceType.TOPIC);
            }
            boolean all = context.allows(AclOperation.CLUSTER_ACTION, ResourceType.CLUSTER, ResourceType.CLUSTER_NAME);
            return topic -> all;
        }

        /** In the answer unknown ids come before all else that is not fetched. */
        private void sort(List<Target> all, Predicate<String> allowed) {
            List<FetchPlan.Planned> unknown = new ArrayList<>();
            for (Target target : all) {
                String topic = target.topic();
                if (topic == null) {
                    missing.add(FetchPlan.missing(target.key(), ErrorCode.UNKNOWN_TOPIC_ID));
                } else if (!allowed.test(topic)) {
                    unknown.add(FetchPlan.missing(target.key(), ErrorCode.TOPIC_AUTHORIZATION_FAILED));
                } else if (lookup.exists(topic, target.key().partition())) {
                    targets.add(target);
                } else {
                    unknown.add(FetchPlan.missing(target.key(), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION));
                }
            }
            missing.addAll(unknown);
        }

        void begin() {
            FetchPlan plan = plan();
            countRequests(plan);
            if (targets.isEmpty() || request.maxWaitMs() <= 0 || isEnough(plan)) {
                answer(plan);
                return;
            }
            for (Target target : targets) {
                Partition partition = FetchPlan.find(lookup, target).partition();
                if (partition != null) {
                    waitsOn.add(partition);
                    partition.addWaiter(this);
                }
            }
            reply.whenClosed(this::abandon);
            deadline = loop.schedule(() -> end(plan()), request.maxWaitMs());
            lookAgain();
        }

        private void countRequests(FetchPlan plan) {
            for (FetchPlan.Planned planned : plan.planned()) {
                TopicTraffic traffic = trafficOf(planned);
                if (traffic != null) {
                    traffic.add(TopicTraffic.Kind.TOTALFETCHREQUESTS, 1);
                }
            }
        }

        private void countBytes(FetchPlan plan) {
            for (FetchPlan.Planned planned : plan.planned()) {
                TopicTraffic traffic = trafficOf(planned);
                Part records = planned.data().records();
                if (traffic != null && records != null) {
                    traffic.add(TopicTraffic.Kind.BYTESOUT, records.size());
                }
                if (traffic != null && planned.data().errorCode() == ErrorCode.CORRUPT_MESSAGE.code()) {
                    traffic.add(TopicTraffic.Kind.FAILEDFETCHREQUESTS, 1);
                }
            }
        }

        private static @Nullable TopicTraffic trafficOf(FetchPlan.Planned planned) {
            Partition partition = planned.partition();
            return partition == null ? null : partition.traffic();
        }

        private FetchPlan plan() {
            return FetchPlan.of(lookup, targets, request.isolationLevel(), maxBytes);
        }

        private boolean isEnough(FetchPlan plan) {
            return plan.isUrgent() || plan.bytes() >= minBytes || readable.areAtLeast(minBytes);
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
            int throttleMs = quotas.useOrWait(QuotaKind.FETCH, clientId, (double) plan.bytes());
            if (throttleMs > 0) {
                plan.planned().forEach(FetchPlan::release);
                // Who has had too much gets nothing now, and a session that was to begin with this does not.
                reply.send(new FetchResponse().sessionId(session.session().id()).throttleTimeMs(throttleMs));
                return;
            }
            FetchSession kept = session.session();
            if (session.kind() == FetchSessions.Kind.INCREMENTAL && !kept.isAnswering(request.sessionEpoch())) {
                plan.planned().forEach(FetchPlan::release);
                reply.send(new FetchResponse()
                        .sessionId(kept.id())
                        .errorCode(ErrorCode.INVALID_FETCH_SESSION_EPOCH.code()));
                return;
            }
            countBytes(plan);
            List<FetchableTopicResponse> topics = topics(plan);
            if (session.kind() == FetchSessions.Kind.BEGINS_SESSION) {
                sessions.admit(kept);
            }
            reply.send(new FetchResponse().sessionId(kept.id()).responses(topics));
        }

        /** In the order of the targets; neighbours of one topic together. */
        private List<FetchableTopicResponse> topics(FetchPlan plan) {
            List<FetchableTopicResponse> topics = new ArrayList<>();
            plan.planned().forEach(planned -> add(planned, topics));
            missing.forEach(planned -> add(planned, topics));
            return topics;
        }

        private void add(FetchPlan.Planned planned, List<FetchableTopicResponse> topics) {
            PartitionData data = planned.data();
            if (data.errorCode() == ErrorCode.KAFKA_STORAGE_ERROR.code()
                    && version < FIRST_VERSION_WITH_STORAGE_ERROR) {
                data.errorCode(ErrorCode.NOT_LEADER_OR_FOLLOWER.code());
            }
            if (session.kind() != FetchSessions.Kind.SESSIONLESS
                    && !session.session().noteSent(planned.key(), data, session.isFull())) {
                FetchPlan.release(planned);
                return;
            }
            FetchableTopicResponse last = topics.isEmpty() ? null : topics.get(topics.size() - 1);
            String name = planned.key().topic();
            Uuid id = planned.key().topicId();
            if (last == null || !last.topic().equals(name) || !last.topicId().equals(id)) {
                last = new FetchableTopicResponse().topic(name).topicId(id).partitions(new ArrayList<>());
                topics.add(last);
            }
            last.partitions().add(data);
        }
    }
}
