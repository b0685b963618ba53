namespace Tabular.Children;

/// <summary>Starts children; the seam to the system.</summary>
internal interface IChildLauncher
{
    /// <summary>Starts a child.</summary>
    /// <param name="child">What to start.</param>
    /// <param name="model">The variables of its model.</param>
    /// <exception cref="ChildStartException">The system refused; the message says why.</exception>
    IChildProcess Start(ChildOptions child, IReadOnlyDictionary<string, string> model);
}
