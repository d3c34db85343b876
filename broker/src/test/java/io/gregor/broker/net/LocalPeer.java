package io.gregor.broker.net;

import io.gregor.broker.access.Access;
import io.gregor.broker.access.Caller;
import io.gregor.broker.access.Principal;
import io.gregor.broker.lane.Lane;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A client of this machine without a connection. Confined to the test's thread. */
public final class LocalPeer implements Peer {
    private final String listener;
    private ClientSoftware software = ClientSoftware.UNKNOWN;

    public LocalPeer(String listener) {
        this.listener = listener;
    }

    /** Of a request of this client, which may do everything. */
    public RequestContext asks(short version, int bytes, String clientId, Lane loop) {
        return asks(version, bytes, clientId, loop, Access.UNRESTRICTED);
    }

    /** Of a request of this client, which may do what the access allows. */
    public RequestContext asks(short version, int bytes, String clientId, Lane loop, Access access) {
        return new RequestContext(version, bytes, clientId, caller(), this, loop, access);
    }

    @Override
    public Caller caller() {
        return new Caller(Principal.ANONYMOUS, new InetSocketAddress("127.0.0.1", 40_000), listener);
    }

    @Override
    public ClientSoftware software() {
        return software;
    }

    @Override
    public void software(ClientSoftware said) {
        software = said;
    }

    @Override
    public @Nullable Authentication authentication() {
        return null;
    }
}
