package io.gregor.coordinator.group.classic;

import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.JoinGroupResponse;
import org.jspecify.annotations.Nullable;

/** The response to a join that fails. */
public final class JoinRefusal {
    private JoinRefusal() {}

    public static JoinGroupResponse of(@Nullable String memberId, ErrorCode error) {
        return new JoinGroupResponse()
                .memberId(memberId == null ? "" : memberId)
                .errorCode(error.code())
                .protocolType(null)
                .protocolName(null);
    }
}
