namespace Tabular.ModelCache;

/// <summary>The settings of the mount.</summary>
public sealed class MountOptions
{
    /// <summary>Gets the file system types that a shared volume may have.</summary>
    /// <value>As <c>/proc/self/mountinfo</c> names them. Empty (the default) stands for <c>fuse.gcsfuse</c>; <c>*</c> also takes a plain directory.</value>
    public IList<string> AcceptedTypes { get; } = [];

    /// <summary>Gets or sets how long the start waits until the mount shows what the manifest says.</summary>
    /// <value>
    /// From 0 to 1 hour. The default is 90 seconds: the metadata cache of a Cloud Run mount is up to 60 seconds old.
    /// </value>
    public TimeSpan LagTimeout { get; set; } = TimeSpan.FromSeconds(90);

    /// <summary>Gets or sets how long one step of the check of the mount may take before the mount counts as hung.</summary>
    /// <value>From 100 milliseconds to 5 minutes. The default is 10 seconds.</value>
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets how often the mount and the manifest are looked at after the gate has opened.</summary>
    /// <value>From 1 second to 1 hour. The default is 15 seconds.</value>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Gets or sets whether a mount that is dead or hangs after the gate has opened stops the host, as a failed start does.</summary>
    /// <value>
    /// The default is <see langword="false"/>: health turns red, and the platform decides. With <see langword="true"/> two failed probes
    /// in a row are followed by <see cref="ModelCacheOptions.FailureBehavior"/>: the process ends with exit code 70, or stays with its gate closed.
    /// </value>
    public bool StopHostWhenDead { get; set; }

    /// <summary>
    /// Gets or sets whether publishing also writes an empty object for each folder of a version (<c>ollama/</c>, <c>ollama/&lt;version&gt;/</c>),
    /// so that a gcsfuse mount without <c>implicit-dirs</c> shows it.
    /// </summary>
    /// <value>
    /// The default is <see langword="false"/>: Cloud Run mounts with <c>implicit-dirs</c>. It has no effect on a private directory.
    /// </value>
    public bool WriteFolderObjects { get; set; }
}
