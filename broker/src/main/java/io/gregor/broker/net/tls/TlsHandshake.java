package io.gregor.broker.net.tls;

import io.gregor.broker.access.Principal;
import io.gregor.broker.net.refusal.RefusedClients;
import io.gregor.broker.security.PrincipalMapping;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says who is at the other end once the handshake is done, as an event with the {@link Principal}, and in one line why
 * there was none. Confined to the connection's loop.
 */
final class TlsHandshake extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(TlsHandshake.class);

    private final SslHandler encryption;
    private final RefusedClients refused;
    private final PrincipalMapping mapping;
    private boolean failed;

    TlsHandshake(SslHandler encryption, RefusedClients refused, PrincipalMapping mapping) {
        this.encryption = encryption;
        this.refused = refused;
        this.mapping = mapping;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent completed) {
            if (completed.isSuccess()) {
                identify(context);
            } else {
                close(context, completed.cause());
            }
        }
        context.fireUserEventTriggered(event);
    }

    private void identify(ChannelHandlerContext context) {
        String subject;
        try {
            subject = encryption.engine().getSession().getPeerPrincipal().getName();
        } catch (SSLPeerUnverifiedException e) {
            // It was asked for no certificate, or has none.
            return;
        }
        String name;
        try {
            name = mapping.nameOf(subject);
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            // A rule refers to a group that its pattern does not have, or its replacement is none.
            String why = "a rule of ssl.principal.mapping.rules fails for " + subject + ", " + e.getMessage();
            refuse(context, client -> refused.tlsFailed(client, why));
            return;
        }
        if (name == null) {
            String why = "ssl.principal.mapping.rules has no rule for " + subject;
            refuse(context, client -> refused.tlsFailed(client, why));
            return;
        }
        context.fireUserEventTriggered(Principal.user(name));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof DecoderException || cause instanceof SSLException) {
            close(context, cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause);
            return;
        }
        context.fireExceptionCaught(cause);
    }

    private void close(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof NotSslRecordException) {
            refuse(context, refused::withoutTls);
        } else if (cause instanceof ClosedChannelException) {
            LOG.debug(
                    "Connection from {} ended in its TLS handshake",
                    context.channel().remoteAddress());
            context.close();
        } else {
            Throwable why = cause.getCause() == null ? cause : cause.getCause();
            refuse(context, client -> refused.tlsFailed(client, why.getMessage()));
        }
    }

    private void refuse(ChannelHandlerContext context, Consumer<SocketAddress> say) {
        if (!failed) {
            failed = true;
            say.accept(context.channel().remoteAddress());
        }
        context.close();
    }
}
