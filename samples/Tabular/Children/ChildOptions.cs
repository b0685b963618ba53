namespace Tabular.Children;

/// <summary>One entry of the section <c>Children</c>: a program that reads a model and runs beside the app.</summary>
internal sealed class ChildOptions
{
    /// <summary>Its name in health (<c>child_&lt;name&gt;</c>), on the status page and in the log; letters, digits, <c>.</c>, <c>_</c> and <c>-</c>.</summary>
    public string Name { get; set; } = "";

    /// <summary>The model whose environment it gets, by its configured name.</summary>
    public string Model { get; set; } = "";

    /// <summary>The program: a path, or a name that is looked up in <c>PATH</c>. No shell is involved.</summary>
    public string Command { get; set; } = "";

    public List<string> Arguments { get; } = [];

    /// <summary>Further variables, such as <c>OLLAMA_HOST</c>; those of the model win over them.</summary>
    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    /// <summary>An http address that answers with a success once the child can work; without one it counts as running as soon as it is started.</summary>
    public Uri? ProbeUrl { get; set; }

    /// <summary>Whether the app is not ready (503) while this child is down; otherwise its health is degraded, which is 200.</summary>
    public bool Required { get; set; } = true;
}
