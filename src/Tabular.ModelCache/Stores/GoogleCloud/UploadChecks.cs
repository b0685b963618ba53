namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>Compares content that has ended with what its writer declared; nothing is written when it differs.</summary>
internal static class UploadChecks
{
    public static void ThrowUnlessAsDeclared(StorageErrors errors, string name, UploadBuffer content, ObjectWriteOptions write)
    {
        if (write.Length is { } length && content.Length != length)
        {
            throw content.Length > length
                ? TooLong(errors, name, length)
                : errors.Corrupted(name, $"was declared with {length} bytes, but its content ended after {content.Length}. Nothing was written.");
        }

        if (write.Crc32C is { } crc && content.Crc32C != crc)
        {
            throw errors.Corrupted(
                name, $"was declared with the CRC32C {crc:x8}, but its content has {content.Crc32C:x8}. Nothing was written.");
        }
    }

    public static ObjectStoreException TooLong(StorageErrors errors, string name, long length) =>
        errors.Corrupted(name, $"was declared with {length} bytes, but its content has more. Nothing was written.");
}
