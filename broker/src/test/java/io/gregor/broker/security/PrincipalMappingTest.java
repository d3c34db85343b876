package io.gregor.broker.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.security.ssl.SslPrincipalMapper;
import org.junit.jupiter.api.Test;

/** Rules for names of certificates, compared with Apache Kafka's own class. */
class PrincipalMappingTest {
    private static final List<String> SUBJECTS = List.of(
            "CN=Duke,OU=JavaSoft,O=Sun Microsystems,C=US",
            "CN=kafka1,OU=SME,O=mycp,L=Fulton,ST=MD,C=US",
            "CN=a/b\\,c,OU=x",
            "OU=Admins,CN=Ålice",
            "");
    private static final List<String> PIECES = List.of(
            "DEFAULT",
            "RULE:",
            "^CN=(.*?),OU=(.*?),.*$",
            ".*CN=([^,]*).*",
            "(.+)",
            "OU=(\\w+),CN=(.+)",
            "\\/",
            "/",
            "/",
            "$1",
            "$2@$1",
            "$12",
            "x",
            "\\$",
            "L",
            "U",
            "/L",
            "/U",
            ",",
            " , ",
            " ");

    @Test
    void namesAreThoseOfKafka() {
        for (String rules : List.of(
                "",
                "DEFAULT",
                " DEFAULT ",
                "RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/",
                "RULE:^CN=(.*?),OU=(.*?),O=(.*?),.*$/$1@$2/L, RULE:^.*[Cc][Nn]=([a-zA-Z0-9.]*).*$/$1/U ,DEFAULT",
                "RULE:^OU=(.*),CN=(.*)$/$2-$1-$3/L,DEFAULT",
                "RULE:(.*?),(.*)/$1\\/$2/,DEFAULT",
                "RULE:CN=a\\/b.*/slash/U",
                "RULE:a/b/X",
                "RULE:a/b",
                "default",
                "RULE:(/b/",
                "DEFAULT,,DEFAULT")) {
            assertSame(rules);
        }
    }

    @Test
    void rulesBySeedGiveTheNamesOfKafka() {
        for (int seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            StringBuilder rules = new StringBuilder();
            for (int i = random.nextInt(9); i >= 0; i--) {
                rules.append(random.nextInt(4) == 0 ? "RULE:" + one(random) + "/" + one(random) + "/" : one(random));
            }
            assertSame(rules.toString());
        }
    }

    private static String one(Random random) {
        return PIECES.get(random.nextInt(PIECES.size()));
    }

    private static void assertSame(String rules) {
        assertThat(ours(rules)).as(rules).isEqualTo(kafkas(rules));
    }

    private static List<String> ours(String rules) {
        PrincipalMapping mapping;
        try {
            mapping = PrincipalMapping.parse(rules);
        } catch (IllegalArgumentException e) {
            return List.of("refused");
        }
        List<String> names = new ArrayList<>();
        for (String subject : SUBJECTS) {
            try {
                String name = mapping.nameOf(subject);
                names.add(name == null ? "no rule" : "=" + name);
            } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
                names.add("failed");
            }
        }
        return names;
    }

    private static List<String> kafkas(String rules) {
        SslPrincipalMapper mapper;
        try {
            mapper = SslPrincipalMapper.fromRules(rules);
        } catch (IllegalArgumentException e) {
            return List.of("refused");
        }
        List<String> names = new ArrayList<>();
        for (String subject : SUBJECTS) {
            try {
                names.add("=" + mapper.getName(subject));
            } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
                names.add("failed");
            } catch (IOException e) {
                names.add("no rule");
            }
        }
        return names;
    }
}
