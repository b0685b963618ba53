namespace Tabular.ModelCache.Testing;

/// <summary>Waits for work that lies in memory and completes where it is called, so that no thread is ever held.</summary>
internal static class Complete
{
    public static void Now(Task task) => task.GetAwaiter().GetResult();

    public static T Now<T>(Task<T> task) => task.GetAwaiter().GetResult();
}
