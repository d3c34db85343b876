package io.gregor.broker.api.security;

import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Authentication;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.SaslAuthenticateRequest;
import io.gregor.wire.message.SaslAuthenticateResponse;

/**
 * A client sends a token of the mechanism that it has named, and is told how long its session may last (version 1,
 * KIP-368). A failure is told after {@code connection.failed.authentication.delay.ms}, and ends the connection.
 */
public final class SaslAuthenticateHandler implements ApiHandler<SaslAuthenticateRequest, SaslAuthenticateResponse> {
    @Override
    public void handle(RequestContext context, SaslAuthenticateRequest request, Reply<SaslAuthenticateResponse> reply) {
        Authentication authentication = context.peer().authentication();
        if (authentication == null) {
            reply.send(new SaslAuthenticateResponse()
                    .errorCode(ErrorCode.ILLEGAL_SASL_STATE.code())
                    .errorMessage("SaslAuthenticate request received after successful authentication"));
        } else {
            authentication.answer(reply, authentication.session().authenticate(request.authBytes()));
        }
    }
}
