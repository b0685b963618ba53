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
}
