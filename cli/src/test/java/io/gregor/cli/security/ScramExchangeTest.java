package io.gregor.cli.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScramExchangeTest {
    private static final String NONCE = "rOprNGfwEbeRWgbNEkqO";
    private static final String FIRST =
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

    private final ScramExchange exchange = new ScramExchange("SHA-256", "user", "pencil", NONCE);

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The example of RFC 7677. */
    @Test
    void theProofIsThatOfTheStandard() throws IOException {
        assertThat(exchange.begin()).asString().isEqualTo("n,,n=user,r=" + NONCE);
        assertThat(exchange.next(bytes(FIRST)))
                .asString()
                .isEqualTo("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                        + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        assertThat(exchange.next(bytes("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")))
                .isNull();
    }

    @Test
    void aBrokerThatDoesNotKnowThePasswordIsNotTrusted() throws IOException {
        exchange.begin();
        exchange.next(bytes(FIRST));
        assertThatThrownBy(() -> exchange.next(bytes("v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")))
                .isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "e=unknown-user",
                "r=another,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                "r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                "r=rOprNGfwEbeRWgbNEkqO1,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4095",
                "r=rOprNGfwEbeRWgbNEkqO1,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=2000000000",
                "r=rOprNGfwEbeRWgbNEkqO1,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=x",
                "r=rOprNGfwEbeRWgbNEkqO1,s=,i=4096",
                "r=rOprNGfwEbeRWgbNEkqO1,s=?,i=4096"
            })
    void whatIsNoAnswerOfABrokerEndsTheLogin(String answer) {
        exchange.begin();
        assertThatThrownBy(() -> exchange.next(bytes(answer))).isInstanceOf(IOException.class);
    }

    @Test
    void aNameWithACommaOrAnEqualsSignIsWrittenInAnotherWay() {
        assertThat(new ScramExchange("SHA-512", "a,b=c", "x", "n").begin())
                .asString()
                .isEqualTo("n,,n=a=2Cb=3Dc,r=n");
    }
}
