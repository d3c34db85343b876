package io.gregor.controller;

import io.gregor.wire.message.AccessControlEntryRecord;
import io.gregor.wire.message.UserScramCredentialRecord;
import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Estimates the memory that an image takes, in bytes of the heap, with a part of what a broker keeps for each
 * partition. Pure; takes time by the number of topics and of configurations, not by the length of their names.
 */
public final class ImageSize {
    /** Whatever they are: most take one byte. */
    private static final int CHARACTER = 2;

    private static final int TOPIC = 300;
    /** Half of what an open partition without records takes. */
    private static final int PARTITION = 1_536;

    /** Of a thing that has values, such as a resource with configurations. */
    private static final int OWNER = 250;
    /** Of a value with its name. */
    private static final int VALUE = 150;

    private static final int SCRAM_CREDENTIAL = 300;
    /** With its part of what an authorizer looks it up by. */
    private static final int ACL = 500;

    private ImageSize() {}

    public static long of(MetadataImage image) {
        long bytes = 0;
        for (TopicImage topic : image.topicsById().values()) {
            bytes += TOPIC
                    + text(topic.name())
                    + (long) PARTITION * topic.partitions().size();
        }
        for (Map.Entry<ConfigResource, Map<String, String>> resource :
                image.configs().entrySet()) {
            bytes += OWNER + text(resource.getKey().name());
            for (Map.Entry<String, String> config : resource.getValue().entrySet()) {
                bytes += VALUE + text(config.getKey()) + text(config.getValue());
            }
        }
        return bytes + ofQuotas(image) + ofUsers(image) + ofAcls(image) + ofUnsupported(image);
    }

    private static long ofQuotas(MetadataImage image) {
        long bytes = 0;
        for (Map.Entry<QuotaEntity, Map<String, Double>> entity :
                image.quotas().all().entrySet()) {
            bytes += OWNER + (long) VALUE * entity.getValue().size();
            for (String name : entity.getKey().names().values()) {
                bytes += VALUE + text(name);
            }
        }
        return bytes;
    }

    private static long ofUsers(MetadataImage image) {
        long bytes = 0;
        for (Map.Entry<String, Map<Byte, UserScramCredentialRecord>> user :
                image.scram().entrySet()) {
            bytes += OWNER + text(user.getKey());
            for (UserScramCredentialRecord credential : user.getValue().values()) {
                bytes += SCRAM_CREDENTIAL
                        + credential.salt().length
                        + credential.storedKey().length
                        + credential.serverKey().length;
            }
        }
        return bytes;
    }

    private static long ofAcls(MetadataImage image) {
        long bytes = 0;
        for (AccessControlEntryRecord acl : image.acls().values()) {
            bytes += ACL + 2 * (text(acl.resourceName()) + text(acl.principal()) + text(acl.host()));
        }
        return bytes;
    }

    private static long ofUnsupported(MetadataImage image) {
        long bytes = 0;
        for (ByteBuffer record : image.unsupported().values()) {
            bytes += OWNER + record.capacity();
        }
        return bytes;
    }

    private static long text(@Nullable String text) {
        return text == null ? 0 : (long) CHARACTER * text.length();
    }
}
