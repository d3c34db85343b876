package io.gregor.broker.net;

import io.gregor.broker.net.ApiRegistry.Api;
import io.gregor.wire.message.ApiVersionsResponse;
import io.gregor.wire.message.ErrorCode;
import java.util.List;

/**
 * What a client is told whose ApiVersions request is newer than the broker: try again with a version in this range.
 */
final class UnsupportedApiVersions {
    private UnsupportedApiVersions() {}

    static ApiVersionsResponse response(Api api) {
        return new ApiVersionsResponse()
                .errorCode(ErrorCode.UNSUPPORTED_VERSION.code())
                .apiKeys(List.of(new ApiVersionsResponse.ApiVersion()
                        .apiKey(api.key().id())
                        .minVersion(api.lowest())
                        .maxVersion(api.highest())));
    }
}
