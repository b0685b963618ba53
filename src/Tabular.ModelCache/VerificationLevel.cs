namespace Tabular.ModelCache;

/// <summary>How much is proven about a version before the gate opens on it.</summary>
public enum VerificationLevel
{
    /// <summary>
    /// <c>SHA256SUMS</c> and <c>.done</c>, read through the mount, agree with the manifest, and the mount shows every file with its size.
    /// The cost does not depend on the size of the models.
    /// </summary>
    Marker,

    /// <summary>
    /// Also, one listing of the store shows every object with the published size, CRC32C and generation: the stored bytes are those that
    /// were published, without reading them. Neither the store nor the mount has a file that was not published.
    /// </summary>
    Metadata,

    /// <summary>
    /// As <see cref="Marker"/>, and every byte is read through the mount and hashed (SHA-256), in parallel; which also fills the page cache.
    /// The mount has no file that was not published.
    /// </summary>
    Content,
}
