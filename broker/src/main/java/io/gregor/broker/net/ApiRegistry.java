package io.gregor.broker.net;

import io.gregor.wire.Message;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.ApiVersionsResponse;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The APIs that this broker answers, each with its versions. Filled at the start, then only read. */
public final class ApiRegistry {
    /** One API: the range that is answered, whether it is advertised, and from where on. */
    public record Api(
            ApiKey key,
            short lowest,
            short highest,
            boolean advertised,
            short advertisedLowest,
            ApiHandler<?, ?> handler) {
        public boolean answers(short version) {
            return version >= lowest && version <= highest;
        }

        /** What a client is told whose ApiVersions request is newer: try again with a version in this range. */
        ApiVersionsResponse unsupportedVersion() {
            return new ApiVersionsResponse()
                    .errorCode(ErrorCode.UNSUPPORTED_VERSION.code())
                    .apiKeys(List.of(new ApiVersionsResponse.ApiVersion()
                            .apiKey(key.id())
                            .minVersion(lowest)
                            .maxVersion(highest)));
        }
    }

    private final @Nullable Api[] byId = new Api[256];
    private final boolean unstable;

    /** @param unstable whether versions are answered that may still change ({@code unstable.api.versions.enable}) */
    public ApiRegistry(boolean unstable) {
        this.unstable = unstable;
    }

    /** Adds an API in all its versions. */
    public <Q extends Message, S extends Message> ApiRegistry add(ApiKey key, ApiHandler<Q, S> handler) {
        return add(key, key.lowestVersion(), handler);
    }

    /** Adds an API that is advertised from an older version on than it is answered. */
    public <Q extends Message, S extends Message> ApiRegistry add(
            ApiKey key, short advertisedLowest, ApiHandler<Q, S> handler) {
        return add(key, true, advertisedLowest, handler);
    }

    /** Adds an API that is answered in all its versions, and advertised only if so. */
    public <Q extends Message, S extends Message> ApiRegistry addAdvertisedIf(
            boolean advertised, ApiKey key, ApiHandler<Q, S> handler) {
        return add(key, advertised, key.lowestVersion(), handler);
    }

    private ApiRegistry add(ApiKey key, boolean advertised, short advertisedLowest, ApiHandler<?, ?> handler) {
        int highest = key.highestVersion() - (key.latestVersionUnstable() && !unstable ? 1 : 0);
        byId[key.id()] = new Api(key, key.lowestVersion(), (short) highest, advertised, advertisedLowest, handler);
        return this;
    }

    /** Adds an API as another registry has it. */
    public void add(Api api) {
        byId[api.key().id()] = api;
    }

    public @Nullable Api find(short id) {
        return id < 0 || id >= byId.length ? null : byId[id];
    }

    /** In the order of their numbers. */
    public List<Api> all() {
        List<Api> all = new ArrayList<>();
        for (Api api : byId) {
            if (api != null) {
                all.add(api);
            }
        }
        return all;
    }
}
