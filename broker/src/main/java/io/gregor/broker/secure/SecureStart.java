package io.gregor.broker.secure;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.config.InvalidConfigException;
import io.gregor.broker.config.Listener;
import io.gregor.broker.config.Profile;
import io.gregor.broker.lane.Lane;
import io.gregor.broker.net.ApiRegistry;
import io.gregor.broker.seed.OwnRequests;
import io.gregor.broker.seed.ScramPasswords;
import io.gregor.broker.storage.LogDirLock;
import io.gregor.log.disk.RealDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A start with {@code --secure}: the settings, the files, the user. Confined to the thread that starts the broker. A
 * file is written when all that it stands for is there, so that a start that was killed is made up for by the next one.
 */
public final class SecureStart {
    private static final Logger LOG = LoggerFactory.getLogger(SecureStart.class);
    private static final String CLIENT = "client.properties";
    private static final String CLIENT_CERTIFICATE = "admin.pem";
    private static final String PASSWORD = "admin.password";
    private static final int PASSWORD_CHARACTERS = 32;
    private static final String ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    private static final String NO_PASSWORD = "";

    private final SecureKind kind;
    private final Map<String, String> given;
    private final SecretFiles files;
    private final SecureRandom random;
    private final InstantSource clock;
    private final BrokerConfig checked;
    private BrokerConfig config;
    private String password = NO_PASSWORD;
    private boolean passwordIsNew;

    private SecureStart(
            SecureKind kind,
            Map<String, String> given,
            BrokerConfig checked,
            SecureRandom random,
            InstantSource clock) {
        this.kind = kind;
        this.given = given;
        this.checked = checked;
        config = checked;
        this.random = random;
        this.clock = clock;
        files = new SecretFiles(new RealDisk(), checked.metadataLogDir());
    }

    /**
     * Checks the settings; nothing is touched yet.
     *
     * @throws InvalidConfigException if one of them cannot be, or would open what is to be closed
     */
    public static SecureStart of(SecureKind kind, Map<String, String> given, SecureRandom random, InstantSource clock) {
        Path anywhere = Path.of("");
        BrokerConfig checked = BrokerConfig.of(
                SecureProfile.of(kind, given, anywhere, anywhere, NO_PASSWORD).under(given));
        SecureProfile.requireClosed(kind, checked);
        return new SecureStart(kind, given, checked, random, clock);
    }

    /** Like those with which the broker starts, but for what is in files. */
    public BrokerConfig checked() {
        return checked;
    }

    /** As it would be said on the command line, with the kind. */
    public String option() {
        return kind.option();
    }

    /** The settings of the profile, and what was given in place of them. */
    public String describe() {
        return profile(NO_PASSWORD).describe(given);
    }

    private Profile profile(String ofUser) {
        return SecureProfile.of(
                kind, given, files.path(Certificates.BROKER), files.path(Certificates.AUTHORITY), ofUser);
    }

    /**
     * Makes what is not there yet of the files that the broker needs, while no other broker runs on the folder.
     *
     * @return all settings of the broker
     */
    public BrokerConfig prepare() throws IOException {
        Set<String> hosts = new HostNames(checked).needed();
        try {
            files.createFolder();
            LogDirLock lock = LogDirLock.take(files.folder());
            try {
                settle(hosts);
            } finally {
                lock.close();
            }
        } catch (GeneralSecurityException e) {
            throw new IOException("certificates cannot be made", e);
        } catch (IOException e) {
            String key = checked.given("metadata.log.dir") == null ? "log.dirs" : "metadata.log.dir";
            throw new InvalidConfigException(key + "=" + files.folder() + ": cannot be written (" + e
                    + "), allowed is a directory that this process can read and write");
        }
        config = BrokerConfig.of(profile(password).under(given));
        return config;
    }

    private void settle(Set<String> hosts) throws IOException, GeneralSecurityException {
        Certificates certificates = new Certificates(files, random, clock.instant());
        certificates.settle(Certificates.BROKER, "Gregor", Authority.Use.SERVER, hosts, HostNames::own);
        if (kind == SecureKind.MTLS) {
            certificates.settle(CLIENT_CERTIFICATE, SecureProfile.USER, Authority.Use.CLIENT, Set.of(), Set::of);
            return;
        }
        String known = files.read(PASSWORD);
        passwordIsNew = known == null;
        password = known == null ? newPassword() : known.strip();
        if (!password.matches("[A-Za-z0-9]{16,128}")) {
            throw new InvalidConfigException(files.path(PASSWORD) + ": allowed is a password of 16 to 128 letters and"
                    + " digits; without the file the next start makes a new one");
        }
    }

    private String newPassword() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < PASSWORD_CHARACTERS; i++) {
            text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return text.toString();
    }

    /**
     * Has the user in the metadata, before clients come.
     *
     * @param lane where the handlers are called
     * @param listener the name of one of the broker's
     */
    public void applyTo(ApiRegistry apis, ClusterMetadata metadata, Lane lane, String listener)
            throws IOException, InterruptedException {
        if (kind == SecureKind.MTLS) {
            return;
        }
        if (kind == SecureKind.SCRAM) {
            OwnRequests requests = new OwnRequests(apis, lane, listener, "secure");
            AdminUser user = new AdminUser(new ScramPasswords(requests, random), metadata);
            if (passwordIsNew || !user.differs(password)) {
                user.set(password, passwordIsNew);
            } else {
                LOG.warn(
                        "User {} has another password than {}: correct that file, or delete it for a new password",
                        SecureProfile.USER,
                        files.path(PASSWORD));
            }
        }
        if (passwordIsNew) {
            files.write(PASSWORD, password + "\n");
            LOG.info("Made {}: the password of the user {}", files.path(PASSWORD), SecureProfile.USER);
        }
    }

    /**
     * Writes what clients need, once the broker runs.
     *
     * @param address what clients are told of the broker
     * @return the file
     */
    public Path writeClient(Listener address) throws IOException {
        String store = config.ofListener(address.name()).given("ssl.keystore.location");
        Path authority =
                files.path(Certificates.BROKER).toString().equals(store) ? files.path(Certificates.AUTHORITY) : null;
        ClientFile client = new ClientFile(kind, address, authority, files.path(CLIENT_CERTIFICATE), password);
        files.settle(CLIENT, client.content());
        return files.path(CLIENT);
    }
}
