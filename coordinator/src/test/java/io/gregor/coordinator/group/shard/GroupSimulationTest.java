package io.gregor.coordinator.group.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.coordinator.runtime.Client;
import io.gregor.testsupport.ManualTime;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.HeartbeatRequest;
import io.gregor.wire.message.JoinGroupRequest;
import io.gregor.wire.message.JoinGroupResponse;
import io.gregor.wire.message.LeaveGroupRequest;
import io.gregor.wire.message.SyncGroupRequest;
import io.gregor.wire.message.SyncGroupResponse;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Members that join, leave, crash, dawdle, and a coordinator that is restarted, from a seed. After every step: nobody
 * shares a partition with another member of his generation, and generations only grow. In the end, once all is quiet,
 * every live member has its part.
 */
class GroupSimulationTest {
    private static final int PARTITIONS = 12;
    private static final int SESSION_MS = 10_000;

    private final SimulatedShard simulated = new SimulatedShard();
    private final ManualTime time = simulated.time();
    private final Map<Integer, Map<Integer, Client>> ownersByGeneration = new HashMap<>();
    private int latestGeneration;

    /** Everything in memory is lost, waiting requests with it; what is in the log is loaded again. */
    private void restart(List<Client> clients) {
        simulated.restart();
        clients.forEach(Client::connectionLost);
    }

    /** A consumer as clients implement it: joins, syncs, sends heartbeats, and begins again on errors. */
    private final class Client {
        private String memberId = "";
        private int generation = -1;
        private boolean waiting;
        private boolean alive = true;
        private boolean slow;
        private Set<Integer> owned = Set.of();

        void step() {
            if (!alive || waiting || slow) {
                return;
            }
            if (generation < 0) {
                join();
                return;
            }
            short error = simulated
                    .shard()
                    .classicRequests()
                    .heartbeat(new HeartbeatRequest()
                            .groupId("g")
                            .memberId(memberId)
                            .generationId(generation))
                    .errorCode();
            if (error != 0) {
                begin(ErrorCode.of(error));
            }
        }

        private void begin(ErrorCode because) {
            if (because == ErrorCode.UNKNOWN_MEMBER_ID || because == ErrorCode.FENCED_INSTANCE_ID) {
                memberId = "";
            }
            generation = -1;
            owned = Set.of();
        }

        void connectionLost() {
            if (waiting) {
                waiting = false;
                begin(ErrorCode.NETWORK_EXCEPTION);
            }
        }

        private void join() {
            waiting = true;
            int life = simulated.life();
            JoinGroupRequest request = new JoinGroupRequest()
                    .groupId("g")
                    .memberId(memberId)
                    .sessionTimeoutMs(SESSION_MS)
                    .rebalanceTimeoutMs(20_000)
                    .protocolType("consumer")
                    .protocols(List.of(new JoinGroupRequest.JoinGroupRequestProtocol()
                            .name("range")
                            .metadata(new byte[] {1})));
            simulated
                    .shard()
                    .classicRequests()
                    .join(
                            new io.gregor.coordinator.runtime.Client("c", "/h", (short) 9),
                            request,
                            ifStill(life, this::joined));
        }

        private <T> Consumer<T> ifStill(int life, Consumer<T> reply) {
            return response -> {
                if (life == simulated.life()) {
                    reply.accept(response);
                }
            };
        }

        private void joined(JoinGroupResponse response) {
            waiting = false;
            if (!alive) {
                return;
            }
            if (response.errorCode() == ErrorCode.MEMBER_ID_REQUIRED.code()) {
                memberId = response.memberId();
                return;
            }
            if (response.errorCode() != 0) {
                begin(ErrorCode.of(response.errorCode()));
                return;
            }
            memberId = response.memberId();
            generation = response.generationId();
            assertThat(generation).isGreaterThanOrEqualTo(latestGeneration);
            latestGeneration = generation;
            waiting = true;
            SyncGroupRequest request = new SyncGroupRequest()
                    .groupId("g")
                    .memberId(memberId)
                    .generationId(generation)
                    .protocolType("consumer")
                    .protocolName("range")
                    .assignments(response.leader().equals(memberId) ? assign(response) : List.of());
            simulated.shard().classicRequests().sync(request, ifStill(simulated.life(), this::synced));
        }

        private List<SyncGroupRequest.SyncGroupRequestAssignment> assign(JoinGroupResponse response) {
            List<SyncGroupRequest.SyncGroupRequestAssignment> assignments = new ArrayList<>();
            int members = response.members().size();
            for (int m = 0; m < members; m++) {
                ByteBuffer bytes = ByteBuffer.allocate(PARTITIONS);
                for (int p = m; p < PARTITIONS; p += members) {
                    bytes.put((byte) p);
                }
                byte[] assignment = new byte[bytes.position()];
                bytes.flip().get(assignment);
                assignments.add(new SyncGroupRequest.SyncGroupRequestAssignment()
                        .memberId(response.members().get(m).memberId())
                        .assignment(assignment));
            }
            return assignments;
        }

        private void synced(SyncGroupResponse response) {
            waiting = false;
            if (!alive) {
                return;
            }
            if (response.errorCode() != 0) {
                begin(ErrorCode.of(response.errorCode()));
                return;
            }
            owned = new HashSet<>();
            for (byte partition : response.assignment()) {
                owned.add((int) partition);
                Client other = ownersByGeneration
                        .computeIfAbsent(generation, g -> new HashMap<>())
                        .put((int) partition, this);
                assertThat(other).as("owner of %d in %d", partition, generation).isIn(null, this);
            }
        }

        void leave() {
            alive = false;
            simulated
                    .shard()
                    .classicRequests()
                    .leave(
                            new LeaveGroupRequest()
                                    .groupId("g")
                                    .members(List.of(new LeaveGroupRequest.MemberIdentity().memberId(memberId))),
                            (short) 5,
                            response -> {});
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19})
    void everyLiveMemberEndsWithItsPart(long seed) {
        Random random = new Random(seed);
        List<Client> clients = new ArrayList<>();
        for (int step = 0; step < 600; step++) {
            act(random, clients);
            clients.forEach(Client::step);
            time.advance(random.nextInt(2000));
        }
        clients.forEach(client -> client.slow = false);
        for (int i = 0; i < 200; i++) {
            clients.forEach(Client::step);
            time.advance(1000);
        }
        List<Client> alive = clients.stream().filter(client -> client.alive).toList();
        Set<Integer> all = new HashSet<>();
        for (Client client : alive) {
            assertThat(client.generation).as("seed %d", seed).isEqualTo(latestGeneration);
            all.addAll(client.owned);
        }
        assertThat(alive.stream().mapToInt(client -> client.owned.size()).sum())
                .as("seed %d, %d members", seed, alive.size())
                .isEqualTo(alive.isEmpty() ? 0 : PARTITIONS);
        assertThat(all).hasSize(alive.isEmpty() ? 0 : PARTITIONS);
    }

    private void act(Random random, List<Client> clients) {
        List<Client> alive = clients.stream().filter(client -> client.alive).toList();
        Client any = alive.isEmpty() ? null : alive.get(random.nextInt(alive.size()));
        switch (random.nextInt(60)) {
            case 0, 1, 2 -> {
                if (alive.size() < 8) {
                    clients.add(new Client());
                }
            }
            case 3 -> {
                if (any != null && !any.waiting) {
                    any.leave();
                }
            }
            case 4 -> {
                if (any != null) {
                    any.alive = false;
                }
            }
            case 5 -> {
                if (any != null) {
                    any.slow = !any.slow;
                }
            }
            case 6 -> restart(clients);
            default -> {
                // A quiet moment.
            }
        }
    }
}
