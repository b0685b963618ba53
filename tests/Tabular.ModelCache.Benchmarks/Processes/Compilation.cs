namespace Tabular.ModelCache.Benchmarks.Processes;

/// <summary>When the code of the programs is compiled.</summary>
internal enum Compilation
{
    /// <summary>By the runtime, as it goes: so is the sample's image.</summary>
    JustInTime,

    /// <summary>Ahead; but not what the framework's generic types need for the app's own.</summary>
    ReadyToRun,

    /// <summary>Ahead and together with the framework, which the program then has with it: nothing is left to the runtime.</summary>
    Composite,
}
