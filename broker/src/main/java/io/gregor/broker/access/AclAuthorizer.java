package io.gregor.broker.access;

import io.gregor.broker.access.AclIndex.Verdict;
import io.gregor.broker.config.AuthorizerConfig;
import io.gregor.controller.ImageListener;
import io.gregor.controller.MetadataImage;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides by the access control lists of the metadata, as Apache Kafka's StandardAuthorizer does: super users may do
 * everything; what any ACL denies is denied; what one allows is allowed, with what it implies; all else is denied, but
 * for resources without an ACL where {@code allow.everyone.if.no.acl.found} is set. Follows the images on the
 * controller's thread, and is asked on any.
 */
public final class AclAuthorizer implements Access, ImageListener {
    /** Kafka's logger of decisions: what was denied at info, what was allowed at debug. */
    private static final Logger LOG = LoggerFactory.getLogger("kafka.authorizer.logger");

    /** The name by which Kafka asks whether somebody is allowed whatever the name. */
    private static final String ANY_NAME = "hardcode";

    private final Set<String> superUsers;
    private final boolean allowsIfNone;
    private volatile AclIndex index = AclIndex.EMPTY;

    public AclAuthorizer(AuthorizerConfig config) {
        superUsers = config.superUsers();
        allowsIfNone = config.allowsIfNone();
    }

    /** Decides by the ACLs of that image from now on. */
    public void load(MetadataImage image) {
        index = new AclIndex(image.acls().values());
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // As long as no ACL changes the map is the same.
    public void published(MetadataImage before, MetadataImage after, long endOffset) {
        if (before.acls() != after.acls()) {
            load(after);
        }
    }

    @Override
    public boolean allows(Caller caller, AclOperation operation, ResourceType type, String name) {
        boolean allowed = wouldAllow(caller, operation, type, name);
        if (!allowed) {
            LOG.info(
                    "Principal = {} is Denied operation = {} from host = {} on resource = {}:LITERAL:{}",
                    caller.principal(),
                    operation,
                    caller.host(),
                    type.title(),
                    name);
        } else if (LOG.isDebugEnabled()) {
            LOG.debug(
                    "Principal = {} is Allowed operation = {} from host = {} on resource = {}:LITERAL:{}",
                    caller.principal(),
                    operation,
                    caller.host(),
                    type.title(),
                    name);
        }
        return allowed;
    }

    @Override
    public boolean wouldAllow(Caller caller, AclOperation operation, ResourceType type, String name) {
        String principal = caller.principal().toString();
        if (superUsers.contains(principal)) {
            return true;
        }
        Verdict verdict = index.verdict(caller, principal, operation, type, name);
        return verdict == Verdict.ALLOWED || verdict == Verdict.NONE && allowsIfNone;
    }

    @Override
    public boolean allowsOnAny(Caller caller, AclOperation operation, ResourceType type) {
        return wouldAllow(caller, operation, type, ANY_NAME)
                || index.allowsOnAny(caller, caller.principal().toString(), operation, type);
    }
}
