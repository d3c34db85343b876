package io.gregor.broker.api.security;

import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Authentication;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.SaslHandshakeRequest;
import io.gregor.wire.message.SaslHandshakeResponse;

/**
 * A client says by which mechanism it is going to authenticate. Version 0: tokens follow as they are; 1: in
 * SaslAuthenticate requests (KIP-152). A listener without SASL, and one that has authenticated the client for good,
 * answers ILLEGAL_SASL_STATE.
 */
public final class SaslHandshakeHandler implements ApiHandler<SaslHandshakeRequest, SaslHandshakeResponse> {
    @Override
    public void handle(RequestContext context, SaslHandshakeRequest request, Reply<SaslHandshakeResponse> reply) {
        Authentication authentication = context.peer().authentication();
        if (authentication == null) {
            reply.send(new SaslHandshakeResponse().errorCode(ErrorCode.ILLEGAL_SASL_STATE.code()));
        } else {
            authentication.answer(reply, authentication.session().handshake(request.mechanism(), context.version()));
        }
    }
}
