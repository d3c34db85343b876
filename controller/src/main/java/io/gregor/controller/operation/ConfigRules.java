package io.gregor.controller.operation;

import io.gregor.controller.ConfigResource;
import io.gregor.controller.MetadataImage;
import io.gregor.wire.ApiError;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What Kafka's definitions say of configurations of all kinds of resources. Pure. */
public interface ConfigRules {
    /** Why there is nothing to configure on such a resource, or null if there may be. */
    @Nullable
    ApiError check(ConfigResource resource);

    /** Why the resource cannot have the configurations {@code after}, when it had {@code before}; null if it can. */
    @Nullable
    ApiError check(MetadataImage image, ConfigResource resource, Map<String, String> before, Map<String, String> after);

    /** The value that a list has if it was never set, or null if it is no list. */
    @Nullable
    String listDefault(MetadataImage image, ConfigResource resource, String name);

    /** What is told to whoever appends to what is no list, or subtracts from it. */
    String noList(ConfigResource resource, String name, boolean appends);
}
