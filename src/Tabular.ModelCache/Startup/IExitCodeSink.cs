namespace Tabular.ModelCache.Startup;

/// <summary>Takes the exit code of the process; a test records it instead.</summary>
internal interface IExitCodeSink
{
    /// <summary>Sets the exit code that the process ends with, unless its <c>Main</c> returns another.</summary>
    void Set(int exitCode);
}
