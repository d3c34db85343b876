package io.gregor.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Iterator;
import org.apache.kafka.common.record.internal.MemoryRecords;

/** Compares one of our messages with Apache Kafka's, accessor by accessor. */
final class SameFields {
    private SameFields() {}

    static void assertSame(String path, Object ours, Object theirs) throws ReflectiveOperationException {
        if (ours == null || theirs == null) {
            assertThat(ours).as(path).isNull();
            assertThat(theirs).as(path).isNull();
        } else if (ours instanceof Message) {
            for (Method accessor : ours.getClass().getMethods()) {
                if (isField(accessor)) {
                    Method other = theirs.getClass().getMethod(accessor.getName());
                    assertSame(path + "." + accessor.getName(), accessor.invoke(ours), other.invoke(theirs));
                }
            }
        } else if (ours instanceof Collection<?> list) {
            assertThat((Collection<?>) theirs).as(path).hasSameSizeAs(list);
            Iterator<?> others = ((Collection<?>) theirs).iterator();
            for (Object element : list) {
                assertSame(path + "[]", element, others.next());
            }
        } else {
            assertThat(normal(ours)).as(path).isEqualTo(normal(theirs));
        }
    }

    private static boolean isField(Method method) {
        return method.getParameterCount() == 0
                && !Modifier.isStatic(method.getModifiers())
                && !method.getDeclaringClass().equals(Object.class)
                && !method.getName().equals("hashCode")
                && !method.getName().equals("toString");
    }

    private static Object normal(Object value) {
        if (value instanceof Part.InMemory part) {
            return part.bytes().duplicate();
        }
        if (value instanceof MemoryRecords records) {
            return records.buffer();
        }
        if (value instanceof byte[] bytes) {
            return ByteBuffer.wrap(bytes);
        }
        if (value instanceof Uuid || value instanceof org.apache.kafka.common.Uuid) {
            return value.toString();
        }
        return value instanceof Short number ? Integer.valueOf(Short.toUnsignedInt(number)) : value;
    }
}
